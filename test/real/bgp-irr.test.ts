// What a customer may announce, from a registry to the routes that are taken: real bgpq4, real BIRD, and a registry that misbehaves.
import assert from 'node:assert/strict'
import type { Bgp } from '../../src/site/services.ts'
import { BIRD_VERSIONS, daemons, withDaemons } from '../daemons/daemons.ts'
import { testPeer } from '../parts/bgp/bird-site.ts'
import { startWhois, type WhoisMood, type WhoisServer } from '../parts/bgp/whois-server.ts'
import { type Live, liveRouter } from './bgp-live.ts'

const FILE = '/etc/bird/orion-irr-shop.conf'
const SHOP = testPeer({ name: 'shop', asn: 5511, relation: 'customer', localPreference: 200, asSet: 'AS-SHOP' })
const TEN = Array.from({ length: 10 }, (_, at) => `2a0e:${at + 1}::/32`)
const route = (prefix: string) => ({ prefix, path: [5511], becomes: 'taken' }) as const

for (const version of BIRD_VERSIONS)
  describe(`the prefixes of an AS-SET, on BIRD ${version}`, function () {
    this.timeout(60_000)
    let live: Live
    let registry: WhoisServer
    const sets: Record<string, string> = { 'AS-SHOP': TEN.join(' ') }
    const mood: WhoisMood = {}
    const bgp = (): Partial<Bgp> => ({ peers: [SHOP], irr: { server: registry.address, sources: ['RPKI', 'RIPE'] } })
    const routes = async () =>
      / (\d+) imported, (\d+) filtered/.exec(await live.birdc('show', 'protocols', 'all', 'peer_shop'))?.slice(1)
    const changed = async (options?: { readonly acceptIrr: boolean }) =>
      (await live.look(bgp(), options)).differences.map(({ field }) => field)
    const refused = async (message: RegExp) => {
      const before = live.router.get(FILE)
      await assert.rejects(live.look(bgp()), { code: 'E_HOST_FACTS', message })
      await assert.rejects(live.apply(bgp()), { code: 'E_HOST_FACTS', message })
      assert.equal(live.router.get(FILE), before)
    }

    before(async function () {
      await withDaemons(this)
      registry = await startWhois(sets, mood)
      live = await liveRouter('irr', version)
      await live.play([{ peer: SHOP, routes: [route('2a0e:1::/32'), route('2a0e:1:1::/48'), route('2a0f::/32')] }])
    })
    after(async () => {
      await registry?.close()
      await live?.close()
    })

    it('a router without bgpq4 yet is planned with an empty set, and filled when it is there', async () => {
      live.router.replace('bgpq4', 'exit 127')
      assert.ok((await changed()).includes(FILE))
      // The registry is on the machine, beside the router's own network.
      live.router.replace('bgpq4', `exec nsenter -t ${process.pid} -n ${(await daemons(version)).bgpq4} "$@"`)
      await live.apply(bgp())
      // Neighbours are joined: 2a0e:1::/32 has none.
      assert.match(live.router.get(FILE), /^ {2}2a0e:1::\/32\{32,48\},$/m)
      await live.until('exactly what is registered', async () => String(await routes()) === '2,1')
      const why = await live.birdc('show', 'route', 'filtered', 'all', 'protocol', 'peer_shop')
      assert.match(why, /^2a0f::\/32 /m)
      assert.deepEqual(await changed(), [])
    })

    const silent: readonly [title: string, WhoisMood][] = [
      ['closes every connection', { mute: true }],
      ['breaks off in the middle of an answer', { cut: true }],
    ]
    for (const [title, how] of silent)
      it(`a registry that ${title}: the last good set stays`, async () => {
        Object.assign(mood, how)
        try {
          assert.deepEqual(await changed(), [])
        } finally {
          Object.assign(mood, { mute: false, cut: false })
        }
      })

    it('an AS-SET that resolves to nothing is refused before anything changes', async () => {
      sets['AS-SHOP'] = ''
      await refused(/AS-SHOP has no IPv6 prefix in RPKI, RIPE \(asked 127\.0\.0\.1:\d+\): is its name right\?/)
    })

    it('a set that jumped is refused, and taken where the operator says so', async () => {
      sets['AS-SHOP'] = TEN.slice(0, 6).join(' ')
      await refused(/AS-SHOP changed a lot: 10 → 6 prefixes, 40 % of it came or went.*--accept-irr/)
      assert.ok((await changed({ acceptIrr: true })).includes(FILE))
      await live.apply(bgp(), { acceptIrr: true })
      assert.deepEqual(await changed(), [])
      assert.deepEqual(await routes(), ['2', '1'])
    })

    it('a change of its own reloads the session, which goes on', async () => {
      sets['AS-SHOP'] = [...TEN.slice(0, 6), '2a0f::/32'].join(' ')
      const fields = (await live.look(bgp())).differences.map(({ field, want }) => `${field} ${want}`)
      assert.ok(fields.includes('session shop reloads'), fields.join())
      await live.apply(bgp())
      await live.until('the new prefix', async () => String(await routes()) === '3,0')
    })

    it('and where the registry is gone', async () => {
      await registry.close()
      assert.deepEqual(await changed(), [])
    })
  })
