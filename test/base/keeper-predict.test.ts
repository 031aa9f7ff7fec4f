// orion keeper predict: exit codes, the question, and what becomes of moves that fail.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { predict } from '../../src/base/keeper-predict.ts'
import type { Session } from '../../src/base/session.ts'
import type { ForecastLine, MoveLine } from '../../src/console/keeper-predict-view.ts'
import { type Code, OrionError } from '../../src/errors.ts'

const move = (guest: string): MoveLine => ({
  guest,
  vmid: 1,
  from: 'a',
  to: 'b',
  how: 'live',
  memoryMib: 1,
  remarks: [],
})
const disk = { disk: '/dev/sda', model: '', serial: '', reasons: [] }
const forecast = (parts: Partial<ForecastLine> = {}): ForecastLine => ({
  ...{ node: 'a', failing: [], disks: 1, moves: [], stays: [], underWay: [], remarks: [] },
  ...parts,
})

interface Fake {
  readonly looks: readonly (ForecastLine | Code)[]
  readonly fails?: Readonly<Record<string, Code>>
  readonly migrate?: boolean
  readonly yes?: boolean
}

describe('base/keeper-predict', () => {
  let dir: string
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  after(() => rmSync(dir, { recursive: true, force: true }))

  function run({ looks, fails = {}, migrate = false, yes = true }: Fake) {
    const done: string[] = []
    let at = 0
    const open = () => ({
      names: ['a'],
      look: async () => {
        const found = looks[Math.min(at, looks.length - 1)]
        at += 1
        if (typeof found === 'string') throw new OrionError('no', { code: found })
        return found ?? forecast()
      },
      move: async ({ guest }: MoveLine) => {
        done.push(guest)
        const code = fails[guest]
        if (code) throw new OrionError(`${guest} failed`, { code })
      },
      follow: async (_: string, guest: string) => void done.push(`follow ${guest}`),
    })
    const site = { name: 'Lab', nodes: [{ name: 'a' }] }
    const session = { site, dir, outside: { signal: new AbortController().signal }, lab: true } as unknown as Session
    return { done, result: predict({ session, json: true }, { migrate, yes, open }) }
  }

  const failing = { failing: [disk] }
  for (const [what, looks, exit] of [
    ['no disk fails', [forecast()], 0],
    ['one does', [forecast(failing)], 3],
    ['a node is silent', ['E_HOST_UNREACHABLE'], 1],
  ] as const)
    it(`exit ${exit} where ${what}`, async () => assert.equal((await run({ looks }).result).exit, exit))

  it('moves nothing without --migrate, nor without a yes', async () => {
    const looks = [forecast({ ...failing, moves: [move('x')] })]
    const calm = run({ looks })
    assert.deepEqual([(await calm.result).exit, calm.done], [3, []])
    const unasked = run({ looks, migrate: true, yes: false })
    await assert.rejects(unasked.result, { code: 'E_CONFIRM' })
    assert.deepEqual(unasked.done, [])
  })

  it('goes on where one move fails, and says so with exit 1', async () => {
    const looks = [forecast({ ...failing, moves: [move('x'), move('y')] })]
    const { done, result } = run({ looks, migrate: true, fails: { x: 'E_TASK' } })
    const { exit, document } = await result
    assert.deepEqual([exit, done], [1, ['x', 'y']])
    assert.deepEqual((document as { moved: unknown }).moved, [
      { guest: 'x', from: 'a', error: { code: 'E_TASK', message: 'x failed' } },
      { guest: 'y', from: 'a', to: 'b' },
    ])
  })

  it('ends with exit 0 where all went, and with 3 where somebody stays', async () => {
    const moves = [move('x')]
    assert.equal((await run({ looks: [forecast({ ...failing, moves })], migrate: true }).result).exit, 0)
    const stays = [{ guest: 'z', vmid: 2, why: ['pinned'] }]
    assert.equal((await run({ looks: [forecast({ ...failing, moves, stays })], migrate: true }).result).exit, 3)
  })

  it('waits for what is on its way, and looks anew before it moves more', async () => {
    const first = forecast({ ...failing, moves: [move('x')], underWay: ['w'] })
    const { done, result } = run({ looks: [first, first, forecast({ ...failing, moves: [move('y')] })], migrate: true })
    await result
    assert.deepEqual(done, ['follow w', 'y'])
  })

  it('stops at Ctrl-C', async () => {
    const looks = [forecast({ ...failing, moves: [move('x'), move('y')] })]
    const { done, result } = run({ looks, migrate: true, fails: { x: 'E_INTERRUPTED' } })
    await assert.rejects(result, { code: 'E_INTERRUPTED' })
    assert.deepEqual(done, ['x'])
  })
})
