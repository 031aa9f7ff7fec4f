// The pages of `orion mesh drill`: golden text, 80 columns.
import assert from 'node:assert/strict'
import { type DrillLines, type PairLine, renderDrill, renderResults } from '../../src/console/mesh-drill-view.ts'
import { page, plain } from './plain.ts'

const drill: DrillLines = {
  what: 'the hub van-1',
  at: 'van-1',
  ports: [51823, 51824],
  routing: 'bgp',
  pairs: [{ from: 'sin-1', to: 'kel-1', after: 'kel-1' }],
  measured: 1,
  seconds: 15,
  lab: false,
}
const pair = (from: string, to: string, more: Partial<PairLine> = {}): PairLine => ({
  from,
  to,
  before: 'van-1',
  wanted: 'kel-1',
  after: 'kel-1',
  state: 'moved',
  silentMs: 940,
  movedMs: 810,
  isBack: true,
  ...more,
})

describe('console/mesh-drill-view', () => {
  it('before: for real, and in the lab', () => {
    assert.equal(
      renderDrill(drill, plain),
      page(`
      the hub van-1 is cut for 15 s on van-1, which ends it by itself (UDP 51823,
      51824)
      1 way between gateways goes over it.`),
    )
    const many = { ...drill, ports: Array.from({ length: 199 }, (_, at) => 51_821 + at), measured: 1, lab: true }
    const two = [...drill.pairs, { from: 'rey-1', to: 'kel-1' }]
    assert.equal(
      renderDrill({ ...many, pairs: two }, plain),
      page(`
      the hub van-1 is cut for 15 s in the lab: links and times are modelled (199 UDP
      ports)
      2 ways between gateways go over it, 1 of them measured.
      ! no other way by design: rey-1 to kel-1`),
    )
  })

  it('before: with routes that are written down', () =>
    assert.match(
      renderDrill({ ...drill, routing: 'static' }, plain),
      /^! routing is static: nothing finds another way/m,
    ))

  it('after: who moved where and when, and what never came back', () => {
    const { movedMs: _, after: __, ...none } = pair('a', 'b', { state: 'lost', silentMs: 15_300 })
    const { wanted: ___, ...alone } = none
    const results = [
      pair('sin-1', 'kel-1'),
      pair('sin-1', 'fra-1', { silentMs: 4200 }),
      { ...none, from: 'rey-1', to: 'sin-1', isBack: false },
      { ...alone, from: 'rey-1', to: 'fra-1' },
      pair('fra-1', 'sin-1', { state: 'unknown', isBack: false }),
    ]
    assert.equal(
      renderResults(drill, results, plain),
      page(`
      the hub van-1: 2 ways moved, silent for 4.2 s at most
      FROM   TO     BEFORE  WHILE CUT  SILENT  MOVED AFTER  AS BEFORE
      sin-1  kel-1  van-1   direct      0.9 s        0.8 s  yes
      sin-1  fra-1  van-1   kel-1       4.2 s        0.8 s  yes
      rey-1  sin-1  van-1   none         15 s            -  not yet
      rey-1  fra-1  van-1   none         15 s            -  yes
      fra-1  sin-1  van-1   ?           0.9 s        0.8 s  not yet
      ✖ never came back while it was cut: rey-1 to sin-1
      ! no other way by design: rey-1 to fra-1
      ! not as before yet: rey-1 to sin-1
      ! not measured, as no answer came before either: fra-1 to sin-1`),
    )
  })

  it('after: nothing went over it', () =>
    assert.equal(renderResults({ ...drill, lab: true }, [], plain), 'the hub van-1, modelled: no way goes over it'))
})
