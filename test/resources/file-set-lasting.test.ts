// What a file set knows beside its host's facts: secrets, which nobody sees, and answers of others, asked once.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { FileSet } from '../../src/resources/file-set.ts'
import { code, make, PATH, setOf } from './fake-file-set.ts'
import { file } from './fake-host.ts'

const SECRET = 'hunter2-and-more'
const secret: Partial<FileSet> = {
  secrets: { key: { env: 'KEY' } },
  files: (seen) => [
    { path: PATH, text: `key ${seen.secrets?.get('key') ?? '?'}\n`, secret: true, mode: 0o640, group: 'bird' },
  ],
}

describe('resources/file-set: secrets', () => {
  it('writes them, with the rights that are asked for, and shows nothing of them', async () => {
    const { fake, look, apply } = make(setOf(secret), { secrets: { KEY: SECRET } })
    const { have, differences } = await look()
    assert.equal(have, undefined)
    assert.deepEqual(differences, [{ field: PATH, have: 'absent', want: 'new content, not shown' }])
    await apply()
    const want = { path: PATH, text: `key ${SECRET}\n`, mode: 0o640, group: 'bird' }
    assert.deepEqual(fake.changes[0]?.files, [want])
    assert.deepEqual((await look()).differences, [])
    assert.doesNotMatch(JSON.stringify([fake.news, fake.calls]), /hunter/)
  })

  it('shows of a change that there is one: neither line nor digest', async () => {
    const files = { [PATH]: file('key other\n', 0o644) }
    const { differences } = await make(setOf(secret), { files, secrets: { KEY: SECRET } }).look()
    assert.deepEqual(differences, [
      { field: PATH, have: 'present', want: 'new content, not shown' },
      { field: `${PATH} mode`, have: '0644 root', want: '0640 root:bird' },
    ])
  })

  it('is an error of the plan where one cannot be read, before the host is asked', async () => {
    const { fake, look } = make(setOf(secret))
    await assert.rejects(look(), code('E_SECRET'))
    assert.deepEqual(fake.calls, [])
  })

  it('takes them out of what a checker said', async () => {
    const change = new OrionError(`bird -p says: line 1: "${SECRET}" is odd`, { code: 'E_GUARD_REFUSED' })
    const { apply } = make(setOf(secret), { secrets: { KEY: SECRET }, fail: { change } })
    await assert.rejects(apply(), { code: 'E_GUARD_REFUSED', message: 'bird -p says: line 1: "***" is odd' })
  })
})

describe('resources/file-set: questions', () => {
  const asking = (): Partial<FileSet> => ({
    questions: { irr: ['bgpq4', 'AS-X'] },
    files: (seen) => [{ path: PATH, text: `set ${seen.answers?.get('irr')?.stdout ?? 'unknown'}\n` }],
  })

  it('are asked once, through plan, change, proof and the look after it', async () => {
    const answers = ['answer 1', 'answer 2']
    const programs = { reload: '', 'bgpq4 AS-X': () => answers.shift() ?? '' }
    const { fake, look, apply } = make(setOf(asking()), { programs })
    assert.equal((await look()).differences[0]?.want?.replace(/\(.*/, ''), '1 line ')
    await apply()
    assert.deepEqual((await look()).differences, [])
    assert.equal(fake.files.get(PATH)?.text, 'set answer 1\n')
    assert.deepEqual(answers, ['answer 2'])
  })

  it('are asked again while their program is not there, and a refusal is an answer, too', async () => {
    const answers = [{ code: 127 }, { code: 1, stderr: 'refused' }, { stdout: 'late' }]
    const seen: (number | undefined)[] = []
    const set = setOf({
      ...asking(),
      problems: (facts) => {
        seen.push(facts.answers?.get('irr')?.code)
        return []
      },
    })
    const { look } = make(set, { programs: { reload: '', 'bgpq4 AS-X': () => answers.shift() ?? '' } })
    for (const _ of [1, 2, 3]) await look()
    assert.deepEqual([...new Set(seen)], [127, 1])
    assert.equal(answers.length, 1)
  })
})
