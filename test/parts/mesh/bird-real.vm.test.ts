// The mesh as real BIRDs find its ways: five gateways in namespaces, from the files that orion writes, by three versions of BIRD.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { drainFile, setDrain } from '../../../src/parts/mesh/drain.ts'
import { weightFile } from '../../../src/parts/mesh/weight.ts'
import { BIRD_VERSIONS, daemons, withDaemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { meshSite, meshWorld, type World, withIpv6 } from './routing-world.ts'

const NAMES = ['van-1', 'kel-1', 'fra-1', 'sin-1', 'rey-1'] as const
/** An address in the network of each. */
const AT = { 'van-1': '10.1.0.1', 'kel-1': '10.2.0.1', 'fra-1': '10.3.0.1', 'sin-1': '10.4.0.1', 'rey-1': '10.5.0.1' }
type Name = (typeof NAMES)[number]

/** What a gateway of somebody else's mind would announce: everything, the networks of others, a part of its own. */
const FOREIGN = ['0.0.0.0/0', '10.1.0.0/24', '198.51.100.0/24', '10.4.0.128/25', '10.99.2.1/32', '10.99.77.1/32']

/** A BIRD that speaks to providers, as the border router's does: BFD and BGP on all addresses, routes of the table `main`. */
const BORDER = `log stderr all;
router id 192.0.2.1;
protocol device {}
protocol bfd { interface "*" { interval 300 ms; multiplier 3; }; multihop { interval 300 ms; multiplier 3; }; }
protocol static { ipv4; route 198.18.0.0/15 unreachable; }
protocol kernel { learn; persist; ipv4 { import all; export all; }; }
protocol kernel { learn; persist; ipv6 { import all; export all; }; }
protocol bgp upstream1 { local 10.99.3.1 as 65000; neighbor 192.0.2.2 as 65001; multihop; bfd on;
  ipv4 { import all; export all; }; }
`

describe('parts/mesh: ways by real BIRD', function () {
  this.timeout(120_000)

  before(async function () {
    await withDaemons(this)
  })

  for (const version of BIRD_VERSIONS)
    describe(`BIRD ${version}`, () => {
      let rig: Rig
      let world: World
      let border: () => Promise<string>

      before(async () => {
        rig = makeRig('mesh')
        world = await meshWorld(rig, await meshSite(withIpv6), version)
        const { bird, birdc } = await daemons(version)
        const host = world.space('fra-1')
        const [conf, socket] = [host.write('border.conf', BORDER), `${host.folder}/border.ctl`]
        host.start([bird, '-f', '-c', conf, '-s', socket, '-P', `${host.folder}/border.pid`])
        border = () => host.must([birdc, '-s', socket, 'show', 'route'])
        await within(10_000, 'the BIRD of the border', async () =>
          border().then(
            () => true,
            () => false,
          ),
        )
        const more = FOREIGN.map((prefix) => `  route ${prefix} unreachable;\n`).join('')
        for (const name of NAMES)
          await world.start(name, (conf) =>
            name === 'sin-1' ? conf.replace(/(protocol static routes4 \{\n.*\n)/, `$1${more}`) : conf,
          )
        await within(20_000, 'every way', async () => (await ways()).every((way) => way !== undefined))
      })
      after(async () => rig?.close())

      /** Of each pair; sin-1 thinks that it is at home in others' networks. */
      const ways = () =>
        Promise.all(
          NAMES.flatMap((from) =>
            NAMES.filter((to) => to !== from && from !== 'sin-1').map((to) => world.way(from, AT[to])),
          ),
        )
      const way = (from: Name, to: Name, want: Name, limitMs = 10_000) =>
        within(limitMs, `${from} to reach ${to} over ${want}`, async () => {
          return (await world.way(from, AT[to])) === world.end(from, want).interface
        })

      it('prefers a direct link, then the hub, and never the bypass while there is the hub', async () => {
        const rows: readonly (readonly [Name, Name, Name])[] = [
          ['fra-1', 'kel-1', 'kel-1'],
          ['fra-1', 'rey-1', 'rey-1'],
          ['fra-1', 'sin-1', 'van-1'],
          ['sin-1', 'fra-1', 'van-1'],
          ['sin-1', 'kel-1', 'van-1'],
          ['kel-1', 'sin-1', 'van-1'],
          ['kel-1', 'fra-1', 'fra-1'],
          ['van-1', 'sin-1', 'sin-1'],
          ['rey-1', 'sin-1', 'van-1'],
        ]
        for (const row of rows) await way(...row)
      })

      it('has routes of both families over link-local addresses, with the address in the mesh as their source', async () => {
        const routes = await world.routes('fra-1')
        const has = (pattern: RegExp) =>
          assert.ok(
            routes.some((line) => pattern.test(line)),
            `${pattern}: ${routes.join('\n')}`,
          )
        has(/^10\.4\.0\.0\/24 via inet6 fe80::\w+ dev wg-van-1 proto bird src 10\.99\.3\.1 /)
        has(/^10\.99\.0\.10 via inet6 fe80::\w+ dev wg-van-1 proto bird src 10\.99\.3\.1 /)
        has(/^fd00:10:4::\/48 via fe80::\w+ dev wg-van-1 proto bird /)
        await world.space('fra-1').must(['ping', '-c1', '-W2', '-I', '10.3.0.1', '10.4.0.1'])
        await world.space('fra-1').must(['ping', '-c1', '-W2', '-I', 'fd00:10:3::1', 'fd00:10:4::1'])
      })

      it('takes nothing that is not its neighbour’s, and no way through a spoke', async () => {
        for (const name of NAMES.filter((one) => one !== 'sin-1')) {
          const routes = await world.routes(name)
          const taken = FOREIGN.filter((prefix) =>
            routes.some((line) => new RegExp(`^${prefix.replace(/\/32$/, '')} .* dev wg-sin-1 `).test(line)),
          )
          assert.deepEqual({ name, taken }, { name, taken: [] })
          assert.ok(!routes.some((line) => /^(default|198\.51|10\.4\.0\.128|10\.99\.77)/.test(line)), routes.join('\n'))
        }
        // rey-1 has links with the hub, the bypass and fra-1: what fra-1 knows is not told there.
        assert.doesNotMatch(
          await world.birdc('rey-1', 'show', 'route', 'protocol', 'wg_fra_1'),
          /^\d*.*10\.[124]\.0\.0/m,
        )
      })

      it('knows nothing of the other BIRD beside it, nor that of the mesh', async () => {
        assert.ok(!(await world.routes('fra-1')).some((line) => line.includes('198.18.0.0')))
        assert.doesNotMatch(await border(), /wg-|10\.[1245]\.0\.0/)
        const main = await world.space('fra-1').must(['ip', 'route'])
        assert.match(main, /^unreachable 198\.18\.0\.0\/15 proto bird/m)
        assert.doesNotMatch(main, /wg-.*proto bird/)
        assert.match(await world.birdc('fra-1', 'show', 'bfd', 'sessions'), /wg-van-1\s+Up/)
      })

      it('finds another way in less than 3 s where a link is cut and nobody is told', async () => {
        world.cut('sin-1', 'van-1')
        await way('van-1', 'sin-1', 'kel-1', 3000)
        await way('sin-1', 'fra-1', 'kel-1', 3000)
        await world.space('fra-1').must(['ping', '-c1', '-W2', '-I', '10.3.0.1', '10.4.0.1'])
        world.mend('sin-1')
        await way('van-1', 'sin-1', 'sin-1', 20_000)
        await way('sin-1', 'fra-1', 'van-1')
      })

      it('asks traffic away from a link that is drained, without a session lost', async () => {
        const gateway = world.gateway('sin-1')
        const interfaces = [world.end('sin-1', 'van-1').interface]
        const since = async () => /wg_van_1 .*/.exec(await world.birdc('sin-1', 'show', 'protocols'))?.[0]
        const before = await since()
        await world.put('sin-1', 'drain.conf', setDrain(gateway, undefined, { interfaces, on: true }))
        await way('sin-1', 'fra-1', 'kel-1')
        await way('van-1', 'sin-1', 'kel-1')
        // Who has no part in it avoids the link, too.
        await way('kel-1', 'sin-1', 'sin-1')
        await world.put('sin-1', 'drain.conf', drainFile(gateway, undefined))
        await way('sin-1', 'fra-1', 'van-1')
        await way('van-1', 'sin-1', 'sin-1')
        assert.equal(await since(), before)
      })

      it('takes traffic by degrees: its address, then link by link, then all', async () => {
        const weigh = (weight: number) => world.put('fra-1', 'weight.conf', weightFile(weight))
        const from = (name: Name, prefix: string) =>
          world.birdc(name, 'show', 'route', prefix, 'protocol', 'wg_fra_1').then(
            (text) => text.includes('wg-fra-1'),
            () => false,
          )
        const seen = async () =>
          Promise.all((['kel-1', 'van-1', 'rey-1'] as const).map((name) => from(name, '10.3.0.0/24')))
        for (const [weight, want] of [
          [0, [false, false, false]],
          [25, [true, false, false]],
          [50, [true, true, false]],
          [75, [true, true, true]],
          [100, [true, true, true]],
        ] as const) {
          await weigh(weight)
          await within(10_000, `weight ${weight}`, async () => String(await seen()) === String(want))
          assert.equal(await from('rey-1', '10.99.3.1/32'), true)
        }
        await weigh(100)
      })

      it('has its sessions again where an interface went and came back', async () => {
        const [one, other] = [world.end('fra-1', 'rey-1'), world.end('rey-1', 'fra-1')]
        execFileSync('ip', ['-n', world.space('fra-1').namespace, 'link', 'del', one.interface])
        await way('fra-1', 'rey-1', 'van-1')
        rig.cable(
          { space: world.space('fra-1'), name: one.interface, addresses: [`${one.local}/64`, '10.99.3.1/32'] },
          { space: world.space('rey-1'), name: other.interface, addresses: [`${other.local}/64`, '10.99.5.1/32'] },
        )
        await way('fra-1', 'rey-1', 'rey-1', 20_000)
      })

      it('finds another way in less than 3 s where the hub dies, and keeps direct links where both hubs are dead', async () => {
        for (const peer of NAMES.filter((name) => name !== 'van-1')) world.cut(peer, 'van-1')
        await way('fra-1', 'sin-1', 'kel-1', 3000)
        await way('sin-1', 'rey-1', 'kel-1', 3000)
        await way('rey-1', 'sin-1', 'kel-1', 3000)
        await way('kel-1', 'sin-1', 'sin-1', 3000)
        await way('kel-1', 'rey-1', 'rey-1', 3000)
        await world.space('sin-1').must(['ping', '-c1', '-W2', '-I', '10.4.0.1', '10.5.0.1'])
        await world.stop('kel-1')
        await within(10_000, 'the bypass to be gone', async () => (await world.way('sin-1', AT['rey-1'])) === undefined)
        await way('fra-1', 'rey-1', 'rey-1')
        await world.space('fra-1').must(['ping', '-c1', '-W2', '-I', '10.3.0.1', '10.5.0.1'])
      })
    })
})
