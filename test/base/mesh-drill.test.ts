// orion mesh drill: what it wants before it cuts, and the exit code.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Drill, runDrill } from '../../src/base/mesh-drill.ts'
import type { Session } from '../../src/base/session.ts'
import type { PairLine } from '../../src/console/mesh-drill-view.ts'

const pair = (more: Partial<PairLine> = {}): PairLine => ({
  from: 'a',
  to: 'b',
  before: 'hub',
  wanted: 'byp',
  after: 'byp',
  state: 'moved',
  silentMs: 900,
  isBack: true,
  ...more,
})
const { wanted: _, ...alone } = pair({ state: 'lost' })

interface Fake {
  readonly lab?: boolean
  readonly live?: boolean
  readonly confirm?: string
  readonly problems?: readonly string[]
  readonly pairs?: readonly PairLine[]
}

describe('base/mesh-drill', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-drill-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  function run({ lab = false, live = true, confirm, problems = [], pairs = [pair()] }: Fake) {
    const cuts: number[] = []
    const drill: Drill = {
      ...{ name: 'van-1', what: 'the hub van-1', at: 'van-1', ports: [1], links: ['a~b'], routing: 'bgp' },
      pairs: [{ from: 'a', to: 'b', after: 'byp' }],
      measured: 1,
      problems: async () => problems,
      run: async (seconds) => {
        cuts.push(seconds)
        return pairs
      },
    }
    const outside = { signal: new AbortController().signal }
    const session = { site: { name: 'Lab' }, outside, lab, dir } as unknown as Session
    const wish = { target: 'hub', live, seconds: 7, confirm, open: () => drill }
    return { cuts, result: runDrill({ session, json: true }, wish) }
  }

  const rows: readonly [title: string, fake: Fake, error: object][] = [
    ['production wants --live', { live: false, confirm: 'van-1' }, { code: 'E_USAGE' }],
    ['--live wants the name', {}, { code: 'E_CONFIRM', suggestions: ['add --confirm van-1'] }],
    ['another name is not it', { confirm: 'hub' }, { code: 'E_CONFIRM' }],
    [
      'a mesh that is not whole stays as it is',
      { confirm: 'van-1', problems: ['a~b is not fresh (stale)'] },
      { code: 'E_HOST_FACTS', message: 'nothing was cut, as the mesh is not whole: a~b is not fresh (stale)' },
    ],
    ['in the lab too', { lab: true, live: false, problems: ['x', 'y'] }, { code: 'E_HOST_FACTS' }],
  ]
  for (const [title, fake, error] of rows)
    it(title, async () => {
      const { cuts, result } = run(fake)
      await assert.rejects(result, error)
      assert.deepEqual(cuts, [])
    })

  const exits: readonly [title: string, pairs: readonly PairLine[], exit: number][] = [
    ['everything moved and is back', [pair(), pair({ state: 'unhurt' })], 0],
    ['who has no other way by design is no failure', [{ ...alone, isBack: true }], 0],
    ['… but must be back', [{ ...alone, isBack: false }], 3],
    ['who has one and did not find it', [pair({ state: 'lost' })], 3],
    ['who is not as before', [pair({ isBack: false })], 3],
    ['who told nothing', [pair({ state: 'unknown' })], 3],
    ['nothing goes over it', [], 0],
  ]
  for (const [title, pairs, exit] of exits)
    it(`${title}: exit ${exit}`, async () => {
      const { cuts, result } = run({ confirm: 'van-1', pairs })
      const { exit: found, document } = await result
      assert.equal(found, exit)
      assert.deepEqual(cuts, [7])
      assert.deepEqual((document as { modelled: boolean }).modelled, false)
    })

  it('in the lab nothing is asked, and the times are said to be modelled', async () => {
    const { document } = await run({ lab: true, live: false }).result
    assert.equal((document as { modelled: boolean }).modelled, true)
  })
})
