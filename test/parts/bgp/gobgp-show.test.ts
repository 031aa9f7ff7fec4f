// The page of `orion bgp show` with GoBGP at the edge, read of what two versions of it printed.
import assert from 'node:assert/strict'
import { readBgp } from '../../../src/parts/bgp/show.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpSite, testPeer } from './bird-site.ts'
import { GOBGP_VERSIONS, gobgpSaid, RECORDED_BGP } from './gobgp-fixtures.ts'

const SITE = bgpSite(RECORDED_BGP)
const DRAIN = { '/etc/bird/orion-drain.conf': 'define DRAIN_upstream_4 = 1;\n' }
const EDGE = { '/etc/orion/edge': 'gobgp\n', ...DRAIN }

function router(version: (typeof GOBGP_VERSIONS)[number], programs: Readonly<Record<string, string>> = {}) {
  return routerOutside({ files: EDGE, programs: { ...gobgpSaid(version), ...programs } })
}

describe('parts/bgp/show, with GoBGP at the edge', () => {
  for (const version of GOBGP_VERSIONS) {
    it(`tells every session of GoBGP ${version} in one round trip`, async () => {
      const { outside, calls } = router(version)
      const page = await readBgp(SITE, outside)
      assert.equal(calls.filter((call) => call === 'read').length, 1)
      assert.deepEqual([page.router, page.daemon, page.version], ['router', 'gobgp', version])
      assert.deepEqual(
        page.peers.map(({ name, state, draining }) => [name, state, draining]),
        [
          ['upstream', 'Established', false],
          ['upstream-4', 'Established', true],
          ['ix', page.peers[2]?.state, false],
          ['shop', 'Idle', false],
          ['silent', 'Active', false],
        ],
      )
      assert.deepEqual(page.caches, [{ name: 'rpki', address: '::1', port: '8282', state: 'Established', roas: 3 }])
    })

    it(`counts the routes that GoBGP ${version} has, took and told`, async () => {
      const [upstream, other, ix] = (await readBgp(SITE, router(version).outside)).peers
      assert.deepEqual(upstream?.routes, { received: 58, filtered: 50, accepted: 8, exported: 2 })
      assert.deepEqual(other?.routes, { received: 30, filtered: 26, accepted: 4, exported: 1 })
      assert.deepEqual([upstream?.rpkiInvalid, ix?.routes, ix?.rpkiInvalid], [2, undefined, undefined])
      assert.ok((upstream?.sinceSeconds ?? 0) >= 30 && (upstream?.sinceSeconds ?? 99) <= 60)
      assert.match(upstream?.since ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
      assert.deepEqual(upstream?.notAnnounced, [])
    })

    it(`tells why sessions of GoBGP ${version} do not stand, and what to do`, async () => {
      const [, , ix, shop, silent] = (await readBgp(SITE, router(version).outside)).peers
      assert.equal(ix?.error, 'BGP Error: Bad peer AS')
      assert.match(ix?.hint ?? '', /another AS number than 8220/)
      assert.equal(shop?.error, 'BGP Error: Route limit exceeded')
      assert.match(shop?.hint ?? '', /bgp\.peers\.shop\.maxPrefixes .*neighbor 2620:fe:2::1 enable$/)
      assert.deepEqual(
        shop?.limits.map(({ kind, hit }) => [kind, hit]),
        [['receive', true]],
      )
      assert.match(silent?.hint ?? '', /2620:fe::9 does not answer/)
    })

    it(`tells one session of GoBGP ${version} in full`, async () => {
      const { peers } = await readBgp(SITE, router(version).outside, 'upstream')
      assert.equal(peers.length, 1)
      const { details } = peers[0] ?? {}
      assert.deepEqual(
        [details?.localAddress, details?.routerId, details?.holdTimer],
        ['2620:fe::2', '198.18.7.10', '90'],
      )
      assert.ok(details?.capabilities.neighbor.includes('Graceful restart'), String(details?.capabilities.neighbor))
    })
  }

  it('asks the daemon that speaks, whatever the site file says', async () => {
    const site = bgpSite({ ...RECORDED_BGP, daemon: 'bird' })
    const { outside, calls } = router('3.36.0')
    assert.equal((await readBgp(site, outside)).daemon, 'gobgp')
    assert.equal(calls.filter((call) => call === 'read').length, 2)
  })

  it('says which peer GoBGP has not, and where it is silent', async () => {
    const site = bgpSite({ ...RECORDED_BGP, peers: [testPeer({ name: 'new', address: '2620:fe::77' })] })
    const [peer] = (await readBgp(site, router('3.10.0').outside)).peers
    assert.deepEqual([peer?.state, peer?.hint], ['absent', 'GoBGP does not have this peer yet: orion bgp apply'])
    const silent = routerOutside({ files: EDGE })
    await assert.rejects(readBgp(SITE, silent.outside), { code: 'E_HOST_COMMAND', message: /GoBGP on router does not/ })
    await assert.rejects(readBgp(SITE, router('3.10.0', { 'gobgp-neighbors': 'no json' }).outside), /does not answer/)
  })
})
