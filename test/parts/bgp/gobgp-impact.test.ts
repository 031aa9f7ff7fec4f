// What the plan says that a change does to sessions of GoBGP; that it does so is seen in test/real/bgp-gobgp.test.ts.
import assert from 'node:assert/strict'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { getGobgpConf } from '../../../src/parts/bgp/gobgp-conf.ts'
import { getEdgeModel } from '../../../src/parts/bgp/gobgp-edge.ts'
import { gobgpImpact } from '../../../src/parts/bgp/gobgp-impact.ts'
import type { Bgp, BgpPeer } from '../../../src/site/services.ts'
import { bgpSite, routerIn, testPeer, withBird } from './bird-site.ts'

const PEERS = [testPeer(), testPeer({ name: 'other', address: '2620:fe::7', maxPrefixes: 100 })]
const [ALL, NEW] = [{ peers: PEERS }, testPeer({ name: 'new', address: '2620:fe::8' })]

function confOf(changes: Partial<Bgp>, password: (name: string) => string | undefined = () => undefined): string {
  const site = bgpSite(changes)
  const model = getBirdModel(site, routerIn(site), withBird('2.17.5'), { edge: 'gobgp' })
  assert.ok(model)
  return getGobgpConf(getEdgeModel(model, { registered: () => [], password, isDrained: () => false }))
}
const having = (changes: Partial<BgpPeer>) => ({
  peers: PEERS.map((peer, at) => (at === 0 ? { ...peer, ...changes } : peer)),
})

/** Of BIRD behind it, upstream, other, new. */
const ROWS: readonly [what: string, next: Partial<Bgp>, impacts: string][] = [
  ['nothing', ALL, 'nothing nothing nothing'],
  ['preference', having({ localPreference: 120 }), 'reloads reloads reloads'],
  ['prepending', having({ prepend: 1 }), 'reloads reloads reloads'],
  ['limit', having({ maxPrefixes: 70 }), 'nothing nothing nothing'],
  ['name', having({ name: 'renamed' }), 'reloads resets reloads'],
  ['relation', having({ relation: 'customer' }), 'reloads resets reloads'],
  ['blackhole', having({ blackhole: true }), 'reloads resets reloads'],
  ['GTSM', having({ ttlSecurity: true }), 'nothing resets nothing'],
  ['hops', having({ multihop: 3 }), 'reloads resets reloads'],
  ['our address', having({ localAddress: '2620:fe::2' }), 'nothing resets nothing'],
  ['AS number', having({ asn: 174 }), 'reloads resets reloads'],
  ['prefixes of ours', { ...ALL, announce: ['2602:f674:8000::/33'] }, 'reloads reloads reloads'],
  ['a peer more', { peers: [...PEERS, NEW] }, 'reloads reloads reloads new'],
  ['a peer less', { peers: PEERS.slice(0, 1) }, 'reloads reloads ends'],
  ['router ID', { ...ALL, routerId: '192.168.100.9' }, 'resets resets resets'],
  ['caches', { ...ALL, rpki: { local: true, caches: [{ address: '::2', port: 3323 }] } }, 'resets resets resets'],
]

describe('gobgpImpact', () => {
  for (const [what, next, impacts] of ROWS)
    it(`${what}: ${impacts}`, () => {
      const found = [...gobgpImpact(confOf(ALL), confOf(next)).values()]
      assert.equal(found.map(({ impact }) => impact).join(' '), impacts)
    })

  it('a password', () => {
    const secret = (name: string) => (name === 'other' ? 'another' : undefined)
    const found = gobgpImpact(confOf(ALL), confOf(ALL, secret))
    assert.deepEqual(found.get('2620:fe::7'), { name: 'other', impact: 'resets' })
    assert.deepEqual(found.get('2620:fe::1'), { name: 'upstream', impact: 'nothing' })
  })
})
