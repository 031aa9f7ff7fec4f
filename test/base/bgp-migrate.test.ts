// orion bgp migrate over a router that is only said: which steps are left, and what is next.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Daemon, type Mover, migrate, type Step } from '../../src/base/bgp-migrate.ts'
import { doneText, renderStatus } from '../../src/base/bgp-migrate-text.ts'
import type { Session } from '../../src/base/session.ts'
import { bgpSite } from '../parts/bgp/bird-site.ts'

type Status = Awaited<ReturnType<Mover['status']>>

const TIMES = { since: '2026-11-21T15:02:10.000Z', at: '2026-11-21T15:04:50.000Z' }
const GOOD = '2026-11-21T15:20:11Z gobgp up 3 routes 4 ok'
const watching = (leftSeconds: number, last = GOOD) => ({
  leftSeconds,
  reports: 2,
  bad: last.endsWith(' ok') ? [] : [last],
  last,
})
const state = (edge: Daemon, to?: Daemon, step: Step = 'watch', watch?: Status['watch']): Status => ({
  leftovers: [],
  router: 'router',
  edge,
  isOpen: false,
  progress: to && { to, step, ...TIMES },
  watch,
})
const LEFT = { leftovers: ['/etc/gobgp/orion.toml', '/etc/systemd/system/orion-gobgp.service'] }
const BEFORE = ['check', 'prepare', 'shadow', 'hand-over']

describe('base/bgp-migrate', () => {
  let dir: string
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  after(() => rmSync(dir, { recursive: true, force: true }))

  /** The steps that were run, and what came out. */
  async function run(status: Status, wish: { to?: Daemon; watchSeconds?: number; step?: Step; status?: boolean }) {
    const steps: Step[] = []
    const mover: Mover = {
      status: async () => status,
      settled: async () => status,
      run: async (step) => {
        steps.push(step)
        return [`${step} done`]
      },
    }
    const session = { site: bgpSite(), dir, lab: false, outside: {} } as unknown as Session
    const whole = { status: false, watchSeconds: 3600, confirmWithinSeconds: 80, yes: true, ...wish }
    const { exit, document } = await migrate({ session, json: true }, whole, async () => mover)
    return { steps, exit, document: document as { readonly next: readonly string[] } }
  }

  for (const [title, status, wish, steps] of [
    ['everything', state('bird'), {}, [...BEFORE, 'watch']],
    ['not watched', state('bird'), { watchSeconds: 0 }, [...BEFORE, 'clean-up']],
    [
      'killed before the hand-over: all of it is looked at again',
      state('bird', 'gobgp', 'shadow'),
      {},
      [...BEFORE, 'watch'],
    ],
    ['killed right after the hand-over', state('gobgp', 'gobgp', 'shadow'), {}, ['watch']],
    ['killed right after it, the old watch goes on', state('gobgp', 'gobgp', 'shadow', watching(60)), {}, ['watch']],
    ['watched', state('gobgp', 'gobgp', 'watch', watching(60)), {}, []],
    ['the watch is over', state('gobgp', 'gobgp', 'watch', watching(0)), {}, ['clean-up']],
    ['the watch shall end', state('gobgp', 'gobgp', 'watch', watching(60)), { watchSeconds: 0 }, ['clean-up']],
    ['killed in the clean-up', state('gobgp', 'gobgp', 'watch'), {}, ['clean-up']],
    ['all done', state('gobgp', 'gobgp', 'clean-up'), {}, []],
    ['never moved', state('gobgp'), {}, []],
    ['the way back was begun and left', state('gobgp', 'bird', 'shadow'), {}, []],
    ['that, while it is watched', state('gobgp', 'bird', 'shadow', watching(60)), {}, ['watch']],
    ['prepared, and given up', { ...state('bird', 'gobgp', 'prepare'), ...LEFT }, { to: 'bird' }, ['clean-up']],
    ['prepared, and gone on with', { ...state('bird', 'gobgp', 'prepare'), ...LEFT }, {}, [...BEFORE, 'watch']],
    ['given up, and all cleaned up', state('bird', 'gobgp', 'prepare'), { to: 'bird' }, []],
    ['cleaned up, and prepared anew', { ...state('bird', 'bird', 'clean-up'), ...LEFT }, { to: 'bird' }, ['clean-up']],
    ['one step alone', state('bird'), { step: 'shadow' as const }, ['shadow']],
  ] as const)
    it(`${title}: ${steps.join(', ') || 'nothing'}`, async () => {
      assert.deepEqual((await run(status, { to: 'gobgp', ...wish })).steps, steps)
    })

  it('status runs nothing, and ends with 3 where the last report is not good', async () => {
    const lost = state('gobgp', 'gobgp', 'watch', watching(60, '2026-11-21T15:20:11Z gobgp up 2 routes 4 lost ix'))
    for (const [status, code] of [
      [lost, 3],
      [state('gobgp', 'gobgp', 'watch', watching(60)), 0],
      [state('bird'), 0],
    ] as const) {
      const { exit, steps } = await run(status, { status: true })
      assert.deepEqual([exit, steps], [code, []])
    }
  })

  it('says what is next, with the site file in mind', () => {
    const text = (status: Status, left: readonly string[], wanted: Daemon) =>
      doneText({ status, to: 'gobgp', left, wanted })
    assert.deepEqual(text(state('gobgp', 'gobgp', 'watch', watching(172_000)), [], 'bird'), [
      'GoBGP is at the edge of router, watched for 47 h 47 min more.',
      'How it goes: orion bgp migrate status',
      'After the watch, to clean up: orion bgp migrate --to gobgp',
    ])
    assert.deepEqual(text(state('gobgp', 'gobgp', 'watch', watching(0)), ['clean-up'], 'bird'), [
      'GoBGP is at the edge of router.',
      'Next, clean-up: orion bgp migrate --to gobgp',
    ])
    assert.deepEqual(text(state('gobgp', 'gobgp', 'clean-up'), [], 'bird'), [
      'GoBGP is at the edge of router.',
      'Set daemon: gobgp under bgp in the site file. Then look: orion bgp plan',
    ])
    assert.deepEqual(text(state('gobgp', 'gobgp', 'clean-up'), [], 'gobgp'), ['GoBGP is at the edge of router.'])
  })

  it('says of a move that stopped before the hand-over how to leave it', () => {
    const status = { ...state('bird', 'gobgp', 'prepare'), ...LEFT }
    assert.deepEqual(doneText({ status, to: 'gobgp', left: BEFORE, wanted: 'bird' }), [
      'BIRD is at the edge of router.',
      'Next, check: orion bgp migrate --to gobgp',
      'To leave it instead, and clean up: orion bgp migrate --to bird',
    ])
    const page = renderStatus(status, [])
    assert.match(page, /^ {2}left {3}2 files that only GoBGP needs; there may be passwords in them$/m)
  })

  it('tells how it goes on a page of 80 columns', () => {
    const status = state('gobgp', 'gobgp', 'watch', watching(3000, '2026-11-21T15:20:11Z gobgp up 2 routes 4 lost ix'))
    assert.equal(
      renderStatus(status, ['Next: x']),
      `router: GoBGP is at the edge
  move   to GoBGP, begun 2026-11-21 15:02 UTC
  step   watch, done 2026-11-21 15:04 UTC
  watch  50 min more; 2 reports, 1 of them not good
  last   2026-11-21T15:20:11Z gobgp up 2 routes 4 lost ix
  bad    2026-11-21T15:20:11Z gobgp up 2 routes 4 lost ix
Next: x
`,
    )
    assert.equal(renderStatus(state('bird'), []), 'router: BIRD is at the edge\n  move   none was begun\n')
    assert.match(
      renderStatus({ ...state('gobgp', 'gobgp', 'shadow'), isOpen: true }, []),
      /^ {2}open {3}a change waits/m,
    )
  })
})
