// GoBGP with what orion renders, against the same lying world as BIRD: it believes and tells the same.
import assert from 'node:assert/strict'
import { cacheRow } from '../../src/parts/bgp/caches.ts'
import { gobgpSessions } from '../../src/parts/bgp/gobgp-show.ts'
import { notAdvertised } from '../../src/parts/bgp/gobgp-state.ts'
import { hintOf } from '../../src/parts/bgp/session-hint.ts'
import { getCaches } from '../../src/parts/router/rpki.ts'
import type { BgpPeer } from '../../src/site/services.ts'
import { withDaemons } from '../daemons/daemons.ts'
import { bgpOf, bgpSite } from '../parts/bgp/bird-site.ts'
import { GOOD6, HOSTILE6, OURS, ROAS, type Sent, UPSTREAM, VALID6 } from './bgp-routes.ts'
import { type GobgpTwin, makeGobgpTwin } from './gobgp-twin.ts'
import {
  ALL,
  applied,
  BLACKHOLE,
  becomes,
  CORE,
  good,
  having,
  IX,
  OF_SHOP,
  OWN4,
  OWN6,
  own,
  PARTIES,
  PEERS,
  route,
  SHOP,
  sorted,
  start,
  told,
  UP4,
  UP6,
} from './gobgp-world.ts'

for (const version of ['2.0.12', '2.17'] as const)
  describe(`GoBGP at the edge (beside BIRD ${version}), against a hostile world`, function () {
    this.timeout(240_000)
    let twin: GobgpTwin
    before(async function () {
      await withDaemons(this)
      twin = await makeGobgpTwin('gobgp', version)
      await start(twin)
    })
    after(() => twin?.close())

    for (const { peer, routes } of PARTIES)
      it(`takes of ${peer.name} exactly the good of its ${routes.length} routes, as BIRD does`, async () => {
        // GoBGP has no preference 0.
        const preference = (one: Sent) => (peer === UP4 || one.preference === 0 ? 1 : peer.localPreference)
        const want = new Map(good(routes).map((one) => [one.prefix, preference(one)]))
        await becomes(twin, () => twin.taken(peer.address), want)
      })

    it('tells a provider our aggregate, what is given up, and what customers have: never who sent it', async () => {
      await becomes(twin, told(twin, UP6), sorted([OWN6, BLACKHOLE, ...OF_SHOP]))
      const table = await twin.receivedBy(UP6.name)
      assert.deepEqual(table.get(OWN6), own([OURS]))
      assert.deepEqual(table.get(BLACKHOLE), own([OURS], '(65535,666) (65535,65281)'))
      // The customer's private AS number is our own business.
      assert.deepEqual(table.get('2a0e:1000::/32'), own([OURS]))
    })
    it('puts our number before the path once more where it is asked for, and gives a peer nothing of a provider', async () => {
      await becomes(twin, told(twin, IX), sorted([OWN6, ...OF_SHOP]))
      assert.deepEqual((await twin.receivedBy(IX.name)).get(OWN6), own([OURS, OURS, OURS]))
    })
    it('asks traffic away from a peer that is drained', () =>
      becomes(twin, async () => [...(await twin.receivedBy(UP4.name))], [[OWN4, own([OURS], '(65535,0)')]]))
    it('tells a customer everything that is good, and none of our communities', async () => {
      const all = [OWN6, '2a01:1000::/32', ...good(HOSTILE6).map(({ prefix }) => prefix)]
      await becomes(twin, told(twin, SHOP), sorted(all))
      for (const [prefix, { large }] of await twin.receivedBy(SHOP.name)) assert.equal(large, '', prefix)
    })
    it('tells a router of our own the best of everything, and where it is from', async () => {
      await becomes(twin, async () => (await twin.receivedBy(CORE.name)).get(GOOD6)?.large, `(${OURS}, 1, 1)`)
      const table = await twin.receivedBy(CORE.name)
      assert.equal(table.get('2a01:1000::/32')?.large, `(${OURS}, 1, 2)`)
      assert.deepEqual(table.get('2a0e:1000::/32')?.path, [65010])
      assert.deepEqual([table.get(OWN6)?.large, table.get(OWN6)?.preference], [`(${OURS}, 1, 0)`, 100])
    })
    it('gives BIRD what it took, and BIRD the kernel, with our own address as the source', async () => {
      const routes = async () =>
        (JSON.parse(await twin.router.must(['ip', '-6', '-j', 'route', 'show', 'proto', 'bird'])) as KernelRoute[])
          .filter(({ type }) => type !== 'unreachable' && type !== 'blackhole')
          .map(({ dst, prefsrc, gateway }) => `${dst} ${prefsrc} ${gateway}`)
          .sort()
      const via = (peer: BgpPeer, rows: readonly Sent[]) =>
        good(rows).map(({ prefix }) => `${prefix} 2602:f674:0:1000::1 ${peer.address}`)
      const want = PARTIES.filter(({ peer }) => peer !== UP4).flatMap(({ peer, routes: rows }) => via(peer, rows))
      await becomes(twin, routes, want.sort())
    })
    it('is what orion reads of it', async () => {
      const seen = await twin.look(ALL)
      const bgp = bgpOf(bgpSite(ALL))
      for (const peer of PEERS) assert.deepEqual(notAdvertised(bgp, peer, seen), [])
      const [up6] = gobgpSessions(bgp, seen) ?? []
      const { length } = good(HOSTILE6)
      assert.deepEqual(up6?.routes, {
        received: HOSTILE6.length,
        filtered: HOSTILE6.length - length,
        accepted: length,
        exported: 2 + OF_SHOP.length,
      })
      const [local] = getCaches(bgpSite(ALL))
      assert.ok(local)
      const { state, roas } = cacheRow({ daemon: 'gobgp' }, seen, local) ?? {}
      assert.deepEqual([state, roas], ['Established', ROAS.length])
    })

    it('a route that became invalid goes once the routes are looked at again, and comes back', async () => {
      const invalid = { prefix: VALID6, maxLength: 32, asn: 8220 }
      for (const [roas, isTaken] of [
        [[...ROAS.filter(({ prefix }) => prefix !== VALID6), invalid], false],
        [ROAS, true],
      ] as const) {
        twin.validate(roas)
        const again = async () => {
          assert.equal((await twin.revalidate()).code, 0)
          return (await twin.taken(UP6.address)).has(VALID6)
        }
        await becomes(twin, again, isTaken)
      }
    })

    it('a route server passes on the routes of others, with their own paths and next hops', async () => {
      const server = { ...IX, routeServer: true }
      const routes = [{ ...route('2a01:2000::/32', [3333, 8220]), nextHop: '2620:fe:1::77' }]
      await twin.play(PARTIES.map((party) => (party.peer === IX ? { peer: server, routes } : party)))
      await becomes(twin, () => twin.taken(IX.address), new Map())
      await applied(twin, having(IX.name, { routeServer: true }), [UP4.name])
      await becomes(twin, () => twin.taken(IX.address), new Map([['2a01:2000::/32', IX.localPreference]]))
      await applied(twin, ALL, [UP4.name])
      await becomes(twin, () => twin.taken(IX.address), new Map())
      await twin.play(PARTIES)
    })

    describe('a peer that is not as agreed', () => {
      const sessionOf = async (peer: BgpPeer) => {
        const bgp = bgpOf(bgpSite({ ...ALL, peers: [peer] }))
        const seen = await twin.look(bgp)
        const commands = new Map([...seen.commands, ['gobgp-log', { code: 0, stdout: twin.log(), stderr: '' }]])
        const [session] = gobgpSessions(bgp, { ...seen, commands }) ?? []
        assert.ok(session)
        return {
          session,
          hint: hintOf({ asn: OURS, edge: 'gobgp' }, session) ?? '',
        }
      }
      it('far more routes than agreed: the session ends, and says so', async () => {
        const many = Array.from({ length: 400 }, (_, at) =>
          route(`2a0c:${(at + 1).toString(16)}::/32`, [UPSTREAM, 3333]),
        )
        await twin.play([{ peer: UP6, routes: many }, ...PARTIES.slice(1)])
        await becomes(twin, async () => (await sessionOf(UP6)).session.error, 'BGP Error: Route limit exceeded')
        const { session, hint } = await sessionOf(UP6)
        assert.notEqual(session.state, 'Established')
        assert.match(hint, /maxPrefixes.*gobgp .* neighbor 2620:fe::1 enable/)
      })
      it('another AS number', async () => {
        await twin.play(PARTIES.map((party) => (party.peer === IX ? { ...party, asn: 8221 } : party)))
        await becomes(twin, async () => (await sessionOf(IX)).session.error, 'BGP Error: Bad peer AS')
        assert.match((await sessionOf(IX)).hint, /another AS number than 8220/)
      })
    })
  })

interface KernelRoute {
  readonly dst: string
  readonly type?: string
  readonly prefsrc?: string
  readonly gateway?: string
}
