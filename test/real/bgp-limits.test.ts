// More routes than agreed, and what raising the limit does on real BIRDs: the plan says it, and the apply brings the surplus back.
import assert from 'node:assert/strict'
import { BIRD_VERSIONS, withDaemons } from '../daemons/daemons.ts'
import { testPeer } from '../parts/bgp/bird-site.ts'
import { type Live, liveRouter } from './bgp-live.ts'
import { type Sent, UPSTREAM } from './bgp-routes.ts'

const PEER = testPeer({ address: '2620:fe::1' })
const limited = (maxPrefixes: number) => ({ peers: [{ ...PEER, maxPrefixes }] })
const many = (count: number): readonly Sent[] =>
  Array.from({ length: count }, (_, at) => ({
    prefix: `2a0c:${(at + 1).toString(16)}::/32`,
    path: [UPSTREAM, 3333],
    becomes: 'taken',
  }))

for (const version of BIRD_VERSIONS)
  describe(`the routes that are taken of a peer, on BIRD ${version}`, function () {
    this.timeout(60_000)
    let live: Live
    const routes = async () =>
      / (\d+) imported, (\d+) filtered/.exec(await live.birdc('show', 'protocols', 'all'))?.slice(1)
    const since = async () => (await live.birdc('show', 'protocols', 'peer_upstream')).split('\n').at(-2)
    const session = async (maxPrefixes: number) => {
      const { differences } = await live.look(limited(maxPrefixes))
      return differences.find(({ field }) => field === 'session upstream')?.want
    }

    before(async function () {
      await withDaemons(this)
      live = await liveRouter('limits', version)
      await live.play([{ peer: PEER, routes: many(25) }])
      await live.apply(limited(20))
      await live.until('the limit to be reached', async () => String(await routes()) === '20,5')
    })
    after(() => live?.close())

    it('a limit that is raised: the plan says that the session reloads, and all routes come', async () => {
      const before = await since()
      assert.equal(await session(20), undefined)
      assert.equal(await session(40), 'reloads')
      await live.apply(limited(40))
      await live.until('all routes', async () => String(await routes()) === '25,0')
      assert.equal(await since(), before)
      assert.deepEqual((await live.look(limited(40))).differences, [])
      assert.equal(await session(50), 'stays (limit 40 → 50)', 'nothing is missing any more')
    })

    it('a limit below what the peer sends is refused before anything changes', async () => {
      const file = live.router.get('/etc/bird/bird.conf')
      await assert.rejects(
        live.apply(limited(10)),
        /upstream sends 25 routes now, .* raise bgp\.peers\.upstream\.maxPrefixes/,
      )
      assert.equal(live.router.get('/etc/bird/bird.conf'), file)
      assert.deepEqual(await routes(), ['25', '0'])
    })

    it('a session that a flood ended begins anew where the limit is raised', async () => {
      await live.play([{ peer: PEER, routes: many(200) }])
      await live.until('the end', async () =>
        /limit exceeded/.test(await live.birdc('show', 'protocols', 'peer_upstream')),
      )
      await live.apply(limited(300))
      await live.until('all routes', async () => String(await routes()) === '200,0')
    })

    it('a second prefix of ours goes out, although one was the limit', async () => {
      const second = '2602:f675::/48'
      await live.apply({ ...limited(300), announce: ['2602:f674::/48', second] })
      assert.match(await live.birdc('show', 'route', second, 'export', 'peer_upstream'), /unreachable/)
    })
  })
