// orion bgp drain and undrain with real BIRD: what the peer receives, what is put back, and what is refused before that.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Drain, drain } from '../../src/base/bgp-drain.ts'
import type { Session } from '../../src/base/session.ts'
import { OrionError } from '../../src/errors.ts'
import type { Guard } from '../../src/host/guard.ts'
import type { Host } from '../../src/host/host.ts'
import { bird, birdFacts } from '../../src/parts/bgp/bird.ts'
import { drainChange } from '../../src/parts/bgp/drain-change.ts'
import { wishOf } from '../../src/resources/host-facts.ts'
import { BIRD_VERSIONS, withDaemons } from '../daemons/daemons.ts'
import { makeRig, type Rig } from '../daemons/rig.ts'
import { within } from '../hosts/inside.ts'
import { type BirdHost, birdHost } from '../parts/bgp/bird-host.ts'
import { bgpSite, routerIn, testPeer, withBird } from '../parts/bgp/bird-site.ts'
import { fakeHost } from '../resources/fake-host.ts'

const PREFIX = '2602:f674::/48'
const SITE = bgpSite({
  announce: [PREFIX],
  peers: [
    testPeer({ asn: 64500, address: '2620:fe::1' }),
    testPeer({ name: 'core', asn: 394955, address: '2602:f674:0:1000::2', relation: 'internal' }),
  ],
  rpki: undefined,
} as never)
const THERE = `router id 192.0.2.2; protocol device {}
protocol bgp p { local 2620:fe::1 as 64500; neighbor 2620:fe::2 as 394955; local role provider; passive on;
  error wait time 1, 2; ipv6 { import all; export none; }; }
ipv6 table inner;
protocol bgp core { local 2602:f674:0:1000::2 as 394955; neighbor 2602:f674:0:1000::1 as 394955; passive on;
  error wait time 1, 2; ipv6 { table inner; import all; export none; }; }
`
const DRAIN = '/etc/bird/orion-drain.conf'

describe('base/bgp-drain', function () {
  this.timeout(60_000)
  let dir: string

  before(async function () {
    await withDaemons(this)
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  after(() => dir && rmSync(dir, { recursive: true, force: true }))

  for (const version of BIRD_VERSIONS)
    describe(`BIRD ${version}`, () => {
      let rig: Rig
      let [router, there]: [BirdHost, BirdHost] = [] as never
      /** What the guard was asked for. */
      const changes: string[] = []

      /** As the guard of a host: files, check, activate, prove; else all of it back. */
      const guard: Guard = {
        change: async ({ name, files, check, activate }, { prove, note }) => {
          changes.push(name)
          const old = files.map(({ path }) => [path, router.get(path)] as const)
          for (const { path, text = '' } of files) router.put(path, text)
          for (const argv of check) assert.equal((await router.run(argv)).code, 0)
          for (const argv of activate) assert.equal((await router.run(argv, { ORION_GUARD: 'swap' })).code, 0)
          const complaints = await prove(host())
          if (complaints.length === 0) return note('confirmed')
          for (const [path, text] of old) router.put(path, text)
          for (const argv of activate) await router.run(argv, { ORION_GUARD: 'put-back' })
          throw new OrionError(complaints.join('; '), { code: 'E_ROLLED_BACK' })
        },
        states: async () => [],
        holder: async () => ({ by: '', until: undefined, leftSeconds: undefined }),
        undo: async () => {},
      }
      const host = (): Host => ({ ...fakeHost({ name: 'router' }).host, read: (wish) => router.read(wish), guard })
      const run = (wish: Partial<Drain> = {}) => {
        const session = { site: SITE, outside: {}, dir, lab: false, screen: {} } as unknown as Session
        const way: Drain['way'] = (site, peer, on) => ({ ...drainChange(site, peer, on), host: async () => host() })
        return drain({ session, json: true }, { peer: 'upstream', on: true, yes: true, 'dry-run': false, way, ...wish })
      }
      const received = async () => (await there.run(['birdc', '-v', 'show', 'route', PREFIX, 'all'])).stdout
      const inside = async () =>
        (await there.run(['birdc', '-v', 'show', 'route', PREFIX, 'table', 'inner', 'all'])).stdout
      const isEstablished = async () =>
        /Established/.test((await there.run(['birdc', '-v', 'show', 'protocols', 'p'])).stdout)

      before(async () => {
        rig = makeRig('drain')
        const [here, world] = [rig.space('router'), rig.space('world')]
        rig.cable(
          { space: here, name: 'wan', addresses: ['2620:fe::2/64', '2602:f674:0:1000::1/64'] },
          { space: world, name: 'wan', addresses: ['2620:fe::1/64', '2602:f674:0:1000::2/64'] },
        )
        ;[router, there] = [await birdHost(here, version), await birdHost(world, version)]
        const set = bird(SITE, routerIn(SITE), wishOf([birdFacts(SITE, routerIn(SITE))]))
        for (const { path, text } of set?.files(withBird(version)) ?? []) router.put(path, text ?? '')
        there.put('/etc/bird/bird.conf', THERE)
        router.put('/etc/hostname', 'router\n')
        await there.start()
        await router.start()
        await within(30_000, 'the session', isEstablished)
        await within(5000, 'our prefix', async () => (await received()).includes(PREFIX))
      })
      after(() => rig?.close())

      it('a dry run says what it would do, and a refusal to agree does nothing', async () => {
        const { exit, document } = await run({ 'dry-run': true })
        assert.equal(exit, 3)
        const { differences, warnings } = document as { differences: { lines: string[] }[]; warnings: string[] }
        assert.match(warnings.join(), /^no provider is left that is established and not drained/)
        assert.deepEqual(
          differences[0]?.lines.filter((line) => /^[-+]/.test(line)),
          ['-define DRAIN_upstream = 0;', '+define DRAIN_upstream = 1;'],
        )
        await assert.rejects(run({ yes: false }), { code: 'E_CONFIRM' })
        assert.deepEqual(changes, [])
      })

      it('tells the peer, keeps the session, and says what is next; twice is once', async () => {
        const { exit, document } = await run()
        assert.equal(exit, 0)
        assert.match(JSON.stringify(document), /after about 5 minutes.*bgp undrain upstream/)
        await within(5000, 'the community', async () => /community: \(65535, ?0\)/.test(await received()))
        assert.equal(await isEstablished(), true)
        assert.equal((await run()).exit, 0)
        assert.deepEqual(changes.splice(0), ['drain-upstream'])
      })

      it('takes it back, and then there is nothing to do', async () => {
        assert.equal((await run({ on: false })).exit, 0)
        await within(5000, 'no community', async () => !/65535, ?0/.test(await received()))
        assert.equal((await run({ on: false })).exit, 0)
        assert.deepEqual(changes.splice(0), ['undrain-upstream'])
      })

      it('tells an internal peer by the lowest preference, not by a community that others would hear', async () => {
        await within(10_000, 'our prefix inside', async () => /local_pref: 100/.test(await inside()))
        assert.equal((await run({ peer: 'core' })).exit, 0)
        await within(5000, 'the lowest preference', async () => /local_pref: 0/.test(await inside()))
        assert.doesNotMatch(await inside(), /65535, ?0/)
        assert.equal((await run({ peer: 'core', on: false })).exit, 0)
        await within(5000, 'the usual preference', async () => /local_pref: 100/.test(await inside()))
        assert.deepEqual(changes.splice(0), ['drain-core', 'undrain-core'])
      })

      it('does not stand where the peer is not told', async () => {
        const conf = router.get('/etc/bird/bird.conf')
        router.put('/etc/bird/bird.conf', conf.replace(/if DRAIN_upstream = 1 then bgp_community.*/, ''))
        await assert.rejects(run(), /2602:f674::\/48 goes to upstream without the community 65535:0/)
        assert.match(router.get(DRAIN), /DRAIN_upstream = 0/)
        router.put('/etc/bird/bird.conf', conf)
        changes.splice(0)
      })

      it('refuses a peer that is not in the site file, or not on the router yet', async () => {
        await assert.rejects(run({ peer: 'up' }), /no peer named up/)
        const conf = router.get('/etc/bird/bird.conf')
        router.put('/etc/bird/bird.conf', 'protocol device {}\n')
        await assert.rejects(run(), { code: 'E_HOST_FACTS', message: /orion bgp apply/ })
        router.put('/etc/bird/bird.conf', conf)
      })
    })
})
