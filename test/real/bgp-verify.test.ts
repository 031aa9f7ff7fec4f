// What `orion verify` says of a router whose real BIRD and kernel are well, and then are not.
import assert from 'node:assert/strict'
import { cacheProbes } from '../../src/parts/bgp/cache-probe.ts'
import { kernelProbes } from '../../src/parts/bgp/kernel-probe.ts'
import { sessionProbes } from '../../src/parts/bgp/session-probes.ts'
import type { ProbeResult } from '../../src/resource.ts'
import type { Bgp } from '../../src/site/services.ts'
import { BIRD_VERSIONS, daemons, withDaemons } from '../daemons/daemons.ts'
import type { Daemon } from '../daemons/rig.ts'
import { bgpSite, routerIn, testPeer } from '../parts/bgp/bird-site.ts'
import { type Live, liveRouter } from './bgp-live.ts'
import { ROAS, type Sent, UPSTREAM } from './bgp-routes.ts'

const PEER = testPeer({ maxPrefixes: 20 })
const CACHES = { local: true, caches: [{ address: '::1', port: 8283 }] }
const BGP: Partial<Bgp> = { announce: ['2602:f674::/48'], peers: [PEER], rpki: CACHES }
const many = (count: number): readonly Sent[] =>
  Array.from({ length: count }, (_, at) => ({
    prefix: `2a0c:${(at + 1).toString(16)}::/32`,
    path: [UPSTREAM, 3333],
    becomes: 'taken',
  }))

for (const version of BIRD_VERSIONS)
  describe(`orion verify of a router with BIRD ${version}`, function () {
    this.timeout(60_000)
    let live: Live
    const caches: Daemon[] = []
    const site = bgpSite(BGP)
    const probes = { session: sessionProbes, caches: cacheProbes, kernel: kernelProbes } as const

    async function look(kind: keyof typeof probes): Promise<ProbeResult> {
      live.outside.forget()
      const [probe] = probes[kind](site, routerIn(site))
      assert.ok(probe)
      return probe.run(live.outside)
    }
    async function becomes(kind: keyof typeof probes, state: ProbeResult['state'], seen: RegExp): Promise<ProbeResult> {
      let last: ProbeResult | undefined
      const isSo = async () => {
        last = await look(kind)
        return last.state === state && seen.test(last.seen)
      }
      await live.until(kind, isSo).catch((error: unknown) => assert.fail(`${JSON.stringify(last)}\n${String(error)}`))
      assert.ok(last)
      return last
    }

    before(async function () {
      await withDaemons(this)
      live = await liveRouter('verify', version)
      const { stayrtr } = await daemons(version)
      const file = live.space.write('roas.json', JSON.stringify({ metadata: { counts: ROAS.length }, roas: ROAS }))
      for (const port of [8282, 8283])
        caches.push(
          live.space.start([
            stayrtr,
            '-bind',
            `[::1]:${port}`,
            '-metrics.addr',
            '',
            '-cache',
            file,
            '-checktime=false',
          ]),
        )
      await live.play([{ peer: PEER, routes: many(5) }])
      await live.apply(BGP)
    })
    after(() => live?.close())

    it('is green where all is well', async () => {
      await becomes('session', 'ok', /^established/)
      await becomes('caches', 'ok', /^2 of 2$/)
      await becomes('kernel', 'ok', /^6 routes$/)
    })

    it('a route with another source, and an aggregate that is gone, are red', async () => {
      const odd = ['2a0f::/32', 'via', '2620:fe::1', 'dev', 'wan', 'proto', 'bird', 'metric', '99']
      await live.space.must(['ip', '-6', 'route', 'add', ...odd])
      const { hint } = await becomes('kernel', 'failed', /^1 of 7 routes have another source: 2a0f::\/32$/)
      assert.equal(hint, 'on the router: ip -6 route show proto bird')
      await live.space.must(['ip', '-6', 'route', 'del', ...odd])
      await becomes('kernel', 'ok', /^6 routes$/)
      await live.birdc('disable', 'own6')
      await becomes('kernel', 'failed', /^without 2602:f674::\/48$/)
      await becomes('session', 'failed', /^without 2602:f674::\/48$/)
      await live.birdc('enable', 'own6')
      await becomes('session', 'ok', /^established/)
    })

    it('one cache of two that is down is a warning, and with both it names both', async () => {
      await caches[1]?.stop()
      await becomes('caches', 'warning', /^cache1 \(::1\): /)
      await caches[0]?.stop()
      // Only a validator that has brought something once is expected to.
      assert.equal((await becomes('caches', 'warning', /^local .*, cache1 /)).hint?.includes('stayrtr'), true)
    })

    it('more routes than agreed are red, with what to do; a flood that ended the session, too', async () => {
      await live.play([{ peer: PEER, routes: many(25) }])
      const { hint } = await becomes('session', 'failed', /its limit is exceeded: no more than 20 routes are taken/)
      assert.match(hint ?? '', /raise bgp\.peers\.upstream\.maxPrefixes/)
      await live.play([{ peer: PEER, routes: many(200) }])
      const down = await becomes('session', 'failed', /limit exceeded/)
      assert.match(down.hint ?? '', /maxPrefixes allows: raise that and apply/)
    })
  })
