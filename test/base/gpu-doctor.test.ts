// orion gpu doctor: exit codes, the document, nodes that do not answer, and commands that can be typed as they are.
import assert from 'node:assert/strict'
import { showDoctor } from '../../src/base/gpu-doctor.ts'
import type { Session } from '../../src/base/session.ts'
import type { CheckLine, DoctorLines } from '../../src/console/gpu-doctor.ts'
import { OrionError } from '../../src/errors.ts'
import { node, site } from '../site/site-builder.ts'

type Answer = CheckLine['state'] | OrionError

const pageOf = (name: string, state: CheckLine['state']): DoctorLines => {
  const todo = state === 'pass' ? {} : { todo: 'orion gpu apply --node a --reboot now' }
  return {
    node: name,
    machine: [],
    devices: [],
    groups: [],
    checks: [{ step: 3, name: 'loader', state, seen: 'x', ...todo }],
  }
}

function run(answers: Readonly<Record<string, Answer>>, named?: readonly string[]) {
  const asked: string[] = []
  const session = { site: site({ nodes: ['a', 'b'].map((name) => node(name)) }), outside: {} } as unknown as Session
  const result = showDoctor(
    { session, json: true },
    {
      site: 'x.yaml',
      all: false,
      node: named,
      nodes: () => Object.keys(answers),
      examine: async (_site, _outside, name) => {
        asked.push(name)
        const answer = answers[name]
        if (answer === undefined || typeof answer === 'object') throw answer
        return pageOf(name, answer)
      },
    },
  )
  return { asked, result }
}

const silent = new OrionError('b does not answer', { code: 'E_HOST_UNREACHABLE', suggestions: ['orion verify'] })

const rows: readonly (readonly [string, Readonly<Record<string, Answer>>, number])[] = [
  ['all pass', { a: 'pass' }, 0],
  ['what only a person can do, and what is not told', { a: 'task', b: 'unknown' }, 0],
  ['something fails', { a: 'pass', b: 'fail' }, 3],
  ['a node does not answer', { a: 'fail', b: silent }, 1],
]

describe('base/gpu-doctor', () => {
  for (const [name, answers, exit] of rows)
    it(`exits with ${exit}: ${name}`, async () => {
      assert.equal((await run(answers).result).exit, exit)
    })

  it('tells all nodes in one document, with commands that lead to this site', async () => {
    const { document } = await run({ a: 'fail', b: silent }).result
    const { site: name, nodes } = document as { site: string; nodes: DoctorLines[] }
    assert.equal(name, 'test')
    assert.match(nodes[0]?.checks[0]?.todo ?? '', /gpu apply --node a --reboot now --site x\.yaml$/)
    assert.equal(nodes[1]?.problem?.message, 'b does not answer')
    assert.match(nodes[1]?.problem?.suggestions[0] ?? '', /verify --site x\.yaml$/)
  })

  it('asks each node that is named once, and refuses one that is not there', async () => {
    const { asked, result } = run({ a: 'pass', b: 'pass' }, ['b', 'b'])
    await result
    assert.deepEqual(asked, ['b'])
    await assert.rejects(run({ a: 'pass' }, ['c']).result, { code: 'E_USAGE' })
  })

  it('ends where it is interrupted, or where we are wrong', async () => {
    await assert.rejects(run({ a: new OrionError('stop', { code: 'E_INTERRUPTED' }) }).result, {
      code: 'E_INTERRUPTED',
    })
  })
})
