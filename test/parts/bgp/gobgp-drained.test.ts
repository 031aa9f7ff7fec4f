// A drain changes GoBGP's file as a plan would: after it there is nothing to apply.
import assert from 'node:assert/strict'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { getGobgpConf } from '../../../src/parts/bgp/gobgp-conf.ts'
import { withDrained } from '../../../src/parts/bgp/gobgp-drained.ts'
import { getEdgeModel } from '../../../src/parts/bgp/gobgp-edge.ts'
import type { Bgp } from '../../../src/site/services.ts'
import { bgpOf, bgpSite, FULL, routerIn, withBird } from './bird-site.ts'

function confOf(changes: Partial<Bgp>, drained: readonly string[]): string {
  const site = bgpSite(changes)
  const model = getBirdModel(site, routerIn(site), withBird('2.17.5'), { edge: 'gobgp' })
  assert.ok(model)
  const isDrained = (name: string) => drained.includes(name)
  return getGobgpConf(getEdgeModel(model, { registered: () => [], password: () => undefined, isDrained }))
}
const peers = (changes: Partial<Bgp>, drained: readonly string[]) =>
  bgpOf(bgpSite(changes)).peers.map((peer) => ({ ...peer, drained: drained.includes(peer.name) }))

describe('withDrained', () => {
  const outside = { ...FULL, peers: FULL.peers?.filter(({ relation }) => relation !== 'internal') ?? [] }
  const cases: readonly [what: string, site: Partial<Bgp>][] = [
    ['everything', FULL],
    ['no router of our own', outside],
  ]
  for (const [what, site] of cases)
    for (const names of [[], ['upstream'], ['upstream', 'filter', 's']])
      it(`${what}: ${names.join(', ') || 'nobody'} drained is the file that the plan wants`, () => {
        for (const before of [[], ['filter'], ['upstream', 's']])
          assert.equal(withDrained(confOf(site, before), peers(site, names)), confOf(site, names))
      })

  it("changes no line but the lists, and nothing of a file that is not orion's", () => {
    const [old, next] = [confOf(FULL, []), withDrained(confOf(FULL, []), peers(FULL, ['upstream', 's'])) ?? '']
    const changed = next.split('\n').filter((line, at) => line !== old.split('\n')[at])
    assert.deepEqual(changed, ['  neighbor-info-list = ["2620:fe::1"]', '  neighbor-info-list = ["10.99.0.2"]'])
    assert.equal(withDrained('[global.config]\n', peers(FULL, [])), undefined)
  })
})
