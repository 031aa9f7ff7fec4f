// The mesh's own firewall, packet by packet: a gateway in a namespace, cables for its links, and who stands behind them.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { meshFirewall, meshFirewallDrift, meshFirewallFacts } from '../../../src/parts/mesh/firewall.ts'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { type HostFacts, NOTHING } from '../../../src/resources/host-facts.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { run } from '../../hosts/inside.ts'
import { missingForHosts } from '../../hosts/nspawn.ts'
import { type Dial, Stage, until } from '../../real/firewall-stage.ts'
import { PYTHON, skip } from '../../setup.ts'
import { type MeshSite, meshSite, withIpv6 } from './routing-world.ts'

const withClient = (mesh: Mesh): Mesh => ({
  ...withIpv6(mesh),
  clients: [{ name: 'laptop', address: '10.99.0.10', gateway: 'fra-1' }],
})
/** The same gateway as the hub, which passes on. */
const asHub = (mesh: Mesh): Mesh => withClient({ ...mesh, hub: 'fra-1' })

/** fra-1 is `router`: a spoke with links to the hub and to another spoke; nothing leads to kel-1, as if its link were cut. */
const MACHINES = ['router', 'hub', 'spoke', 'laptop', 'lan', 'other', 'wan', 'guest', 'beside'] as const
type Machine = (typeof MACHINES)[number]

const CABLES: readonly (readonly [Machine, string, readonly string[], readonly string[]])[] = [
  ['hub', 'wg-van-1', ['fe80::4/64', '10.99.3.1/32'], ['fe80::2/64']],
  ['spoke', 'wg-rey-1', ['fe80::4/64', '10.99.3.1/32'], ['fe80::6/64']],
  ['laptop', 'wg-clients', ['10.99.3.1/32'], ['10.99.0.10/24', '10.99.0.11/24']],
  ['lan', 'lan0', ['10.3.0.1/24'], ['10.3.0.30/24']],
  ['other', 'oth0', ['192.168.50.1/24'], ['192.168.50.5/24']],
  ['wan', 'wan0', ['198.18.0.2/24'], ['198.18.0.9/24']],
  ['guest', 'tap0', [], ['192.168.60.5/24', 'fd00:60::5/64']],
  ['beside', 'tap1', [], ['10.2.0.9/24', 'fd00:10:2::9/48']],
]

const SETUP = {
  router: `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    ip rule add pref 5180 lookup 5180
    for net in 10.1.0.0/24 10.4.0.0/24 10.99.1.1; do ip route add $net via inet6 fe80::2 dev wg-van-1 src 10.99.3.1 table 5180; done
    ip route add 10.5.0.0/24 via inet6 fe80::6 dev wg-rey-1 src 10.99.3.1 table 5180
    ip route add 10.99.0.10 dev wg-clients table 5180
    ip route add default via 198.18.0.9
    ip link add vmbr0 type bridge; ip link set vmbr0 up; ip link set tap0 master vmbr0; ip link set tap1 master vmbr0
    sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1`,
  hub: `for one in 10.1.0.5 10.4.0.5; do ip addr add $one/32 dev lo; done
    ip -4 route add default via inet6 fe80::4 dev router`,
  spoke: `ip addr add 10.5.0.5/32 dev lo
    ip -4 route add default via inet6 fe80::4 dev router`,
  laptop: 'ip route add default via 10.99.3.1 dev router onlink',
  lan: `ip addr add 10.3.0.31/32 dev lo; ip addr add 192.168.50.77/32 dev lo
    ip route add default via 10.3.0.1`,
  other: 'ip route add default via 192.168.50.1',
  wan: 'ip route add default via 198.18.0.2',
  guest: 'ip route add default dev router; ip -6 route add default dev router',
  beside: 'ip route add default dev router; ip -6 route add default dev router',
} satisfies Record<Machine, string>

/** From which machine as whom, to whom, what; `pass`, or why it is dropped. */
type Row = readonly [Machine, string, string, string, string]

const SPOKE: readonly Row[] = [
  // What a gateway is for.
  ['hub', '10.4.0.5', '10.3.0.30', 'tcp 80', 'pass'],
  ['hub', '10.1.0.5', '10.3.0.30', 'udp 53', 'pass'],
  ['hub', '10.1.0.5', '10.99.3.1', 'tcp 22', 'pass'],
  ['hub', '10.1.0.5', '10.3.0.1', 'tcp 22', 'pass'],
  ['spoke', '10.5.0.5', '10.3.0.30', 'tcp 80', 'pass'],
  ['lan', '10.3.0.30', '10.4.0.5', 'tcp 80', 'pass'],
  ['lan', '10.3.0.30', '10.5.0.5', 'tcp 80', 'pass'],
  ['laptop', '10.99.0.10', '10.3.0.30', 'tcp 80', 'pass'],
  ['laptop', '10.99.0.10', '10.4.0.5', 'tcp 80', 'pass'],
  ['laptop', '10.99.0.10', '10.99.3.1', 'tcp 22', 'pass'],
  ['lan', '10.3.0.30', '10.99.0.10', 'tcp 80', 'pass'],
  ['router', '10.99.3.1', '10.4.0.5', 'tcp 80', 'pass'],
  ['router', '10.3.0.1', '10.4.0.5', 'tcp 80', 'pass'],
  // What is not the mesh's is not touched.
  ['wan', '198.18.0.9', '198.18.0.2', 'tcp 22', 'pass'],
  ['lan', '10.3.0.30', '192.168.50.1', 'tcp 22', 'pass'],
  ['router', '198.18.0.2', '198.18.0.9', 'tcp 80', 'pass'],
  // Between the ends of a link.
  ['hub', '', 'fe80::4%router', 'tcp 1790', 'pass'],
  ['hub', '', 'fe80::4%router', 'udp 3784', 'pass'],
  ['hub', '', 'fe80::4%router', 'icmp', 'pass'],
  ['hub', '', 'fe80::4%router', 'tcp 22', 'input'],
  // Whose addresses are whose.
  ['spoke', '10.4.0.5', '10.3.0.30', 'tcp 80', 'source'],
  ['hub', '8.8.8.8', '10.3.0.30', 'tcp 80', 'source'],
  ['hub', '10.3.0.99', '10.3.0.30', 'tcp 80', 'source'],
  ['hub', '10.99.0.10', '10.3.0.30', 'tcp 80', 'source'],
  ['laptop', '10.99.0.11', '10.3.0.30', 'tcp 80', 'source'],
  // What else is behind the gateway is not for the mesh.
  ['hub', '10.4.0.5', '192.168.50.5', 'tcp 80', 'inside'],
  ['hub', '10.4.0.5', '198.18.0.9', 'tcp 80', 'inside'],
  ['hub', '10.4.0.5', '198.18.0.2', 'tcp 22', 'input'],
  ['laptop', '10.99.0.10', '198.18.0.9', 'tcp 80', 'inside'],
  ['laptop', '10.99.0.10', '198.18.0.2', 'tcp 22', 'input'],
  // And not of it.
  ['wan', '198.18.0.9', '10.4.0.5', 'tcp 80', 'leaving'],
  ['other', '192.168.50.5', '10.4.0.5', 'tcp 80', 'leaving'],
  ['lan', '192.168.50.77', '10.4.0.5', 'tcp 80', 'leaving'],
  // A spoke is no way for others, and nothing for the mesh leaves by another way.
  ['spoke', '10.5.0.5', '10.4.0.5', 'tcp 80', 'transit'],
  ['hub', '10.4.0.5', '10.5.0.5', 'tcp 80', 'transit'],
  ['lan', '10.3.0.30', '10.2.0.9', 'tcp 80', 'outside'],
  ['lan', '10.3.0.30', '10.99.2.1', 'icmp', 'outside'],
  ['wan', '198.18.0.9', '10.99.2.1', 'udp 53', 'outside'],
  // Forwarding was off before.
  ['lan', '10.3.0.30', '192.168.50.5', 'tcp 80', 'closed'],
  ['other', '192.168.50.5', '10.3.0.30', 'tcp 80', 'closed'],
  ['lan', '10.3.0.30', '198.18.0.9', 'tcp 80', 'closed'],
]

const HUB: readonly Row[] = [
  ['spoke', '10.5.0.5', '10.1.0.5', 'tcp 80', 'pass'],
  ['hub', '10.4.0.5', '10.5.0.5', 'tcp 80', 'source'],
  ['hub', '10.1.0.5', '10.5.0.5', 'tcp 80', 'pass'],
  ['spoke', '10.5.0.5', '198.18.0.9', 'tcp 80', 'inside'],
]

describe('parts/mesh/firewall, packet by packet', function () {
  this.timeout(60_000)
  let stage: Stage
  let folder: string
  let file: string

  const load = (site: MeshSite, seen: HostFacts = NOTHING): void => {
    const gateway = gatewayOf(site, 'fra-1')
    assert.ok(gateway)
    writeFileSync(file, meshFirewall(site, gateway, seen) ?? '')
    stage.sh('router', 'nft -f "$1"', file)
  }

  before(async function () {
    const reason =
      (await missingForHosts()) ?? ((await run([PYTHON, '--version'])).code === 0 ? undefined : 'no Python')
    if (reason) skip(this, reason)
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    file = join(folder, 'firewall.nft')
    stage = new Stage(MACHINES)
    for (const machine of MACHINES) stage.sh(machine, 'sysctl -qw net.ipv6.conf.default.addr_gen_mode=1')
    for (const [machine, name, ours, theirs] of CABLES)
      stage.plug({
        from: machine,
        to: 'router',
        at: [name, ...ours],
        addresses: theirs,
        ...(name.startsWith('wg') && { mtu: 1420 }),
      })
    for (const machine of MACHINES) stage.sh(machine, SETUP[machine])
    const serve = (machine: Machine, addresses: readonly string[], tcp: readonly number[], udp: readonly number[]) =>
      stage.ask(machine, 'serve', { addresses, tcp, udp })
    await Promise.all([
      serve('router', ['::'], [22, 1790], [3784]),
      serve('hub', ['10.1.0.5', '10.4.0.5'], [80], []),
      serve('spoke', ['10.5.0.5'], [80], []),
      serve('laptop', ['10.99.0.10'], [80], []),
      serve('lan', ['10.3.0.30', '10.3.0.31'], [80], [53]),
      serve('other', ['192.168.50.5'], [80], []),
      serve('wan', ['198.18.0.9'], [80], []),
      serve('beside', ['10.2.0.9', 'fd00:10:2::9'], [80], []),
    ])
    load(await meshSite(withClient))
  })
  after(() => {
    stage?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const drops = (): Record<string, number> => {
    const { nftables } = JSON.parse(stage.sh('router', 'nft -j list counters table inet orion_mesh'))
    const rows = (nftables as { counter?: { name: string; packets: number } }[]).flatMap(({ counter }) => counter ?? [])
    return Object.fromEntries(rows.map(({ name, packets }) => [name.replace('drop_', ''), packets]))
  }

  /** Answered, or counted as dropped for this reason. Cables of Ethernet have packets of their own, which are dropped, too. */
  async function check([machine, source, to, what, want]: Row): Promise<void> {
    const [proto = '', port] = what.split(' ')
    const asked = { to, ...(source && { source }), ...(port && { port: Number(port) }) }
    if (want === 'pass') {
      const { peer } = await stage.dial(machine, { proto: proto as Dial['proto'], ...asked }).ended
      assert.ok(peer, `no answer to ${JSON.stringify(asked)}`)
      return
    }
    const before = drops()[want] ?? 0
    // Whose address it is not must be forged; to a neighbour on its link it cannot be.
    const call = source ? undefined : stage.dial(machine, { proto: proto as Dial['proto'], ...asked })
    if (source) await stage.ask(machine, 'forge', { source, to, proto, sport: 4000, dport: Number(port ?? 0) })
    await until(`a drop for ${want}`, () => (drops()[want] ?? 0) > before)
    await call?.stop()
    assert.equal(call?.state.answer?.peer, undefined)
  }

  for (const row of SPOKE) it(`a spoke: ${row.join(' ')}`, () => check(row))

  it('frames of one bridge pass, where they are filtered as packets, too', async () => {
    stage.sh(
      'router',
      `nft 'add table inet probe; add chain inet probe f { type filter hook forward priority 100; }'
      nft add rule inet probe f iifname vmbr0 oifname vmbr0 meta nfproto ipv4 counter
      nft add rule inet probe f iifname vmbr0 oifname vmbr0 meta nfproto ipv6 counter`,
    )
    await check(['guest', '192.168.60.5', '10.2.0.9', 'tcp 80', 'pass'])
    await check(['guest', 'fd00:60::5', 'fd00:10:2::9', 'tcp 80', 'pass'])
    assert.doesNotMatch(stage.sh('router', 'nft list table inet probe'), /packets 0 /)
  })

  it('clamps the segment size of a link, both ways', async () => {
    for (const [machine, wanted] of [
      ['hub', { proto: 'tcp', to: '10.3.0.30', port: 80, source: '10.4.0.5' }],
      ['lan', { proto: 'tcp', to: '10.4.0.5', port: 80, source: '10.3.0.30' }],
    ] as const) {
      const { segment, mine } = await stage.dial(machine, wanted).ended
      assert.deepEqual({ segment, mine }, { segment: 1368, mine: 1368 })
    }
  })

  it('sees a rule that was deleted by hand, and not which interfaces packets came by', async () => {
    const site = await meshSite(withClient)
    const gateway = gatewayOf(site, 'fra-1')
    assert.ok(gateway)
    const { commands = {} } = meshFirewallFacts(site, gateway)
    const drift = () => {
      const said = (argv: readonly string[]) => {
        const here = argv.map((word) => (word === '/etc/orion/mesh/firewall.nft' ? file : word))
        return { code: 0, stdout: stage.sh('router', 'exec "$@"', ...here), stderr: '' }
      }
      const answers = Object.entries(commands).map(([name, argv]) => [name, said(argv)] as const)
      return meshFirewallDrift(site, gateway, { files: new Map(), commands: new Map(answers) })
    }
    assert.match(stage.sh('router', 'nft list set inet orion_mesh entered'), /elements = /)
    assert.deepEqual(drift(), [])
    stage.sh('router', 'nft flush chain inet orion_mesh transit')
    assert.equal(drift()[0]?.have, '1 line other')
  })

  it('leaves the host’s own forwarding alone where it was on before', async () => {
    const on = { code: 0, stdout: 'net.ipv4.ip_forward = 1\n', stderr: '' }
    load(await meshSite(withClient), { files: new Map(), commands: new Map([['sysctl', on]]) })
    await check(['lan', '10.3.0.30', '192.168.50.5', 'tcp 80', 'pass'])
    await check(['lan', '10.3.0.30', '198.18.0.9', 'tcp 80', 'pass'])
    await check(['lan', '10.3.0.30', '10.2.0.9', 'tcp 80', 'outside'])
  })

  describe('as the hub', () => {
    before(async () => load(await meshSite(asHub)))
    for (const row of HUB) it(row.join(' '), () => check(row))
  })
})
