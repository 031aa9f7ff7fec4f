// What others answer through a host: asked at once and once, and a silence is an answer.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { Host } from '../../src/host/host.ts'
import { readAnswers } from '../../src/resources/host-answers.ts'
import { fakeHost } from './fake-host.ts'

function hostWith(run: Host['run']) {
  const asked: string[] = []
  const host: Host = {
    ...fakeHost().host,
    run: async (argv, options) => {
      asked.push(argv.join(' '))
      return run(argv, options)
    },
  }
  return { host, asked }
}

const timeout = new OrionError('too late', { code: 'E_HOST_TIMEOUT' })
const lost = new OrionError('gone', { code: 'E_HOST_LOST' })

describe('resources/host-answers', () => {
  it('asks every program, takes any exit code, and asks the same questions once', async () => {
    const { host, asked } = hostWith(async (argv, options) => {
      assert.ok(options?.accept?.includes(255))
      return { code: argv[1] === 'b' ? 255 : 0, stdout: argv[1] ?? '', stderr: '' }
    })
    const questions = { one: ['ask', 'a'], two: ['ask', 'b'] }
    const [first, second] = await Promise.all([readAnswers(host, questions), readAnswers(host, questions)])
    assert.deepEqual(
      [...first].map(([name, { code, stdout }]) => [name, code, stdout]),
      [
        ['one', 0, 'a'],
        ['two', 255, 'b'],
      ],
    )
    assert.equal(first, second)
    assert.deepEqual(asked, ['ask a', 'ask b'])
    await readAnswers(host, { ...questions })
    assert.equal(asked.length, 4, 'other questions, although they read the same')
  })

  it('takes no answer in time for one, with what happened', async () => {
    const { host } = hostWith(() => Promise.reject(timeout))
    const answer = (await readAnswers(host, { one: ['ask'] })).get('one')
    assert.deepEqual(answer, { code: 124, stdout: '', stderr: 'no answer within 180 s' })
  })

  it('asks again after the host was lost, which is no answer', async () => {
    const ways = [() => Promise.reject(lost), async () => ({ code: 0, stdout: 'x', stderr: '' })]
    const { host, asked } = hostWith(() => ways.shift()?.() ?? Promise.reject(lost))
    const questions = { one: ['ask'] }
    await assert.rejects(readAnswers(host, questions), lost)
    assert.equal((await readAnswers(host, questions)).get('one')?.stdout, 'x')
    assert.equal(asked.length, 2)
  })
})
