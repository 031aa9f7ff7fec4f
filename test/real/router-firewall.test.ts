// The firewall packet by packet: the rendered file in a router between networks of its own, every flow tried from each of them,
// and what is dropped is dropped for the reason that is counted.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firewallFacts } from '../../src/parts/router/firewall.ts'
import { firewallFile } from '../../src/parts/router/firewall-file.ts'
import { liveDrift } from '../../src/parts/router/firewall-live.ts'
import { routersOf } from '../../src/parts/router/router.ts'
import type { HostFacts } from '../../src/resources/host-facts.ts'
import { parseSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { run } from '../hosts/inside.ts'
import { missingForHosts } from '../hosts/nspawn.ts'
import { PYTHON, skip } from '../setup.ts'
import { KEY } from '../site/site-text.ts'
import { type Dial, Stage, until } from './firewall-stage.ts'

const SITE = `
site: probe
nodes:
  pve:
    address: 192.168.1.10
    gateway: 192.168.1.1
    ports: { wan: eno1, lan: eno2, guest: eno3, management: eno4 }
    addresses: { management: 192.168.1.10, wan: [198.18.0.10, "2602:f674::10"] }
networks:
  wan: { bridge: vmbr0, ipv4: 198.18.0.0/24, ipv6: 2602:f674::/64 }
  lan: { bridge: vmbr1, ipv4: 192.168.100.0/24, ipv6: 2602:f674:0:1000::/64, router: router, dhcp: 192.168.100.100-192.168.100.199 }
  guest: { bridge: vmbr2, ipv4: 192.168.200.0/24, ipv6: 2602:f674:0:2000::/64, router: router, dhcp: 192.168.200.100-192.168.200.199, isolated: true }
  management: { bridge: vmbr3, ipv4: 192.168.1.0/24, ipv6: 2602:f674:0:3000::/64 }
  pods: { ipv4: 10.42.0.0/16, ipv6: fd00:77::/64 }
storage: { local: { type: dir, path: /var/lib/vz, content: [images, import] } }
images: { debian: { url: https://images.example.net/debian.qcow2, checksum: "sha512:${'0'.repeat(128)}" } }
defaults: { guest: { node: pve, storage: local, image: debian, memory: 1G, disk: 8G } }
guests:
  router:
    id: 200
    nics:
      wan: { ipv4: 198.18.0.2, ipv6: 2a0e:ffff:1::2/64 }
      lan: 192.168.100.1
      guest: 192.168.200.1
      management: 192.168.1.2
  ai: { id: 300, nics: { lan: 192.168.100.30 } }
  proxy: { id: 301, nics: { lan: 192.168.100.37 } }
  visitor: { id: 302, nics: { guest: 192.168.200.50 } }
firewall:
  router: router
  allow:
    - { from: lan, to: wan }
    - { from: guest, to: wan }
    - { from: management, to: [lan, guest] }
    - { from: wan, to: proxy, tcp: [80, 443, 8000-8010, 8005-8020], udp: 443 }
    - { from: wan, to: router, udp: 51820 }
    - { from: lan, to: visitor, tcp: 9100, icmp: true }
    - { from: [ai, pods], to: management, tcp: 8006 }
  masquerade: wan
bgp:
  router: router
  asn: 394955
  routerId: 192.168.100.1
  announce: [2602:f674::/48]
  peers:
    upstream: { asn: 6939, address: "2a0e:ffff:1::1", relation: provider, bfd: true }
    second: { asn: 174, address: 198.18.0.1, relation: provider, bfd: true }
    inner: { asn: 394955, address: 192.168.1.20, relation: internal }
mesh:
  network: 10.99.0.0/24
  gateways:
    router: { endpoint: probe.example.net, address: 10.99.0.1, routes: [lan, management] }
  clients: { laptop: { address: 10.99.0.10 } }
`

/** Addresses by what a row calls them. */
const AT = {
  ai: ['192.168.100.30', '2602:f674:0:1000::30'],
  proxy: ['192.168.100.37', '2602:f674:0:1000::37'],
  visitor: ['192.168.200.50', '2602:f674:0:2000::50'],
  node: ['192.168.1.10', '2602:f674:0:3000::10'],
  admin: ['192.168.1.20', '2602:f674:0:3000::20'],
  peer: ['198.18.0.1', '2a0e:ffff:1::1'],
  internet: ['198.18.9.9', '2a0e:ffff:9::9'],
  laptop: ['10.99.0.10', undefined],
  pod: ['10.42.0.5', 'fd00:77::5'],
  'node wan': ['198.18.0.10', '2602:f674::10'],
  'router lan': ['192.168.100.1', '2602:f674:0:1000::1'],
  'router guest': ['192.168.200.1', '2602:f674:0:2000::1'],
  'router management': ['192.168.1.2', '2602:f674:0:3000::2'],
  'router wan': ['198.18.0.2', '2a0e:ffff:1::2'],
} as const
type Who = keyof typeof AT

/** Which machine of the stage somebody is on. */
const MACHINE = {
  ai: 'lan',
  proxy: 'lan',
  visitor: 'guest',
  node: 'management',
  admin: 'management',
  peer: 'wan',
  internet: 'internet',
  laptop: 'mesh',
  pod: 'lan',
  'node wan': 'wan',
  'router lan': 'router',
} as const

/** From, to, over IPv4 / IPv6 / both, what, and `pass`, or why it is dropped. */
type Row = readonly [keyof typeof MACHINE, Who, 4 | 6 | 'both', string, string]

const ROWS: readonly Row[] = [
  // To the internet.
  ['ai', 'internet', 'both', 'tcp 443', 'pass'],
  ['ai', 'internet', 'both', 'udp 53', 'pass'],
  ['ai', 'internet', 'both', 'icmp', 'pass'],
  ['visitor', 'internet', 'both', 'tcp 443', 'pass'],
  ['visitor', 'internet', 'both', 'udp 53', 'pass'],
  ['admin', 'internet', 'both', 'tcp 443', 'forward'],
  // Between the networks.
  ['admin', 'ai', 'both', 'tcp 22', 'pass'],
  ['admin', 'ai', 'both', 'icmp', 'pass'],
  ['admin', 'visitor', 'both', 'udp 9100', 'pass'],
  ['ai', 'admin', 'both', 'tcp 22', 'forward'],
  ['ai', 'admin', 'both', 'tcp 8006', 'pass'],
  ['proxy', 'admin', 'both', 'tcp 8006', 'forward'],
  // A network behind a guest, known by its addresses.
  ['pod', 'admin', 'both', 'tcp 8006', 'pass'],
  ['pod', 'admin', 'both', 'tcp 22', 'forward'],
  ['pod', 'internet', 4, 'tcp 443', 'pass'],
  ['pod', 'internet', 6, 'tcp 443', 'leaving'],
  // An isolated network, both ways.
  ['visitor', 'ai', 'both', 'tcp 443', 'isolated'],
  ['visitor', 'proxy', 'both', 'tcp 443', 'isolated'],
  ['visitor', 'admin', 'both', 'udp 9100', 'isolated'],
  ['visitor', 'node', 'both', 'icmp', 'isolated'],
  ['visitor', 'laptop', 4, 'tcp 22', 'isolated'],
  ['ai', 'visitor', 'both', 'tcp 22', 'forward'],
  ['ai', 'visitor', 'both', 'tcp 9100', 'pass'],
  ['ai', 'visitor', 'both', 'icmp', 'pass'],
  ['proxy', 'visitor', 'both', 'udp 9100', 'forward'],
  // To the router.
  ['visitor', 'router guest', 'both', 'udp 53', 'pass'],
  ['visitor', 'router guest', 'both', 'tcp 53', 'pass'],
  ['visitor', 'router guest', 'both', 'icmp', 'pass'],
  ['visitor', 'router guest', 'both', 'tcp 22', 'input'],
  ['visitor', 'router guest', 'both', 'tcp 179', 'input'],
  ['visitor', 'router lan', 'both', 'udp 53', 'isolated'],
  ['visitor', 'router lan', 'both', 'icmp', 'isolated'],
  ['visitor', 'router management', 'both', 'tcp 22', 'isolated'],
  ['visitor', 'router wan', 'both', 'tcp 53', 'isolated'],
  ['ai', 'router lan', 'both', 'udp 53', 'pass'],
  ['ai', 'router lan', 'both', 'tcp 22', 'pass'],
  ['ai', 'router lan', 'both', 'tcp 179', 'input'],
  ['ai', 'router lan', 'both', 'udp 51820', 'input'],
  ['admin', 'router management', 'both', 'tcp 22', 'pass'],
  ['admin', 'router management', 'both', 'udp 53', 'input'],
  ['node', 'router management', 'both', 'tcp 22', 'pass'],
  ['node wan', 'router wan', 'both', 'tcp 22', 'pass'],
  ['node wan', 'router wan', 'both', 'udp 53', 'input'],
  ['router lan', 'router lan', 'both', 'tcp 179', 'pass'],
  ['internet', 'router wan', 'both', 'tcp 22', 'input'],
  ['internet', 'router wan', 'both', 'udp 53', 'input'],
  ['internet', 'router wan', 'both', 'udp 51820', 'pass'],
  ['internet', 'router wan', 'both', 'icmp', 'pass'],
  ['internet', 'router lan', 6, 'tcp 22', 'input'],
  // BGP and BFD.
  ['peer', 'router wan', 'both', 'tcp 179', 'pass'],
  ['internet', 'router wan', 'both', 'tcp 179', 'input'],
  ['peer', 'router wan', 'both', 'udp 3784', 'pass'],
  ['peer', 'router wan', 6, 'udp 4784', 'pass'],
  ['admin', 'router management', 4, 'tcp 179', 'pass'],
  ['admin', 'router management', 4, 'udp 3784', 'input'],
  ['internet', 'router wan', 6, 'udp 3784', 'input'],
  // From outside: forwarded ports for IPv4, the guest itself for IPv6.
  ['internet', 'router wan', 4, 'tcp 443', 'pass'],
  ['internet', 'router wan', 4, 'udp 443', 'pass'],
  ['internet', 'router wan', 4, 'tcp 8007', 'pass'],
  ['internet', 'router wan', 4, 'tcp 8020', 'pass'],
  ['internet', 'router wan', 4, 'tcp 8021', 'input'],
  ['internet', 'proxy', 6, 'tcp 443', 'pass'],
  ['internet', 'proxy', 6, 'udp 443', 'pass'],
  ['internet', 'proxy', 6, 'tcp 22', 'forward'],
  ['internet', 'proxy', 6, 'icmp', 'forward'],
  ['internet', 'ai', 'both', 'tcp 443', 'forward'],
  ['internet', 'visitor', 'both', 'tcp 9100', 'forward'],
  ['internet', 'admin', 'both', 'tcp 22', 'forward'],
  // The outside address from inside.
  ['ai', 'router wan', 4, 'tcp 443', 'pass'],
  ['admin', 'router wan', 4, 'tcp 443', 'pass'],
  ['visitor', 'router wan', 4, 'tcp 443', 'isolated'],
  // The mesh.
  ['laptop', 'ai', 4, 'tcp 22', 'pass'],
  ['laptop', 'admin', 4, 'tcp 22', 'pass'],
  ['laptop', 'visitor', 4, 'tcp 9100', 'forward'],
  ['laptop', 'internet', 4, 'tcp 443', 'forward'],
  ['laptop', 'router lan', 4, 'tcp 22', 'input'],
  ['ai', 'laptop', 4, 'tcp 22', 'pass'],
]

/** On machine, source, destination, protocol with ports and TCP flags, and why it is dropped. */
const FORGED: readonly (readonly [string, string, string, string, string])[] = [
  ['lan', '192.168.200.77', '192.168.100.1', 'udp 4000 53', 'spoofed'],
  ['lan', '8.8.8.8', '198.18.9.9', 'udp 4000 53', 'spoofed'],
  ['lan', '192.168.100.1', '192.168.100.1', 'udp 4000 53', 'spoofed'],
  ['lan', '2602:f674:0:2000::77', '2602:f674:0:1000::1', 'udp 4000 53', 'spoofed'],
  ['guest', '192.168.1.10', '192.168.200.1', 'tcp 4000 22', 'spoofed'],
  ['guest', '192.168.1.10', '192.168.100.30', 'tcp 4000 22', 'spoofed'],
  ['guest', '2602:f674:0:3000::10', '2602:f674:0:1000::30', 'tcp 4000 22', 'spoofed'],
  ['wan', '192.168.100.30', '198.18.0.2', 'tcp 4000 443', 'spoofed'],
  ['wan', '10.99.0.10', '192.168.100.30', 'tcp 4000 22', 'spoofed'],
  ['wan', '2602:f674:0:3000::10', '2602:f674:0:1000::30', 'tcp 4000 22', 'spoofed'],
  ['wan', '2602:f674:0:ffff::1', '2602:f674:0:1000::37', 'tcp 4000 443', 'spoofed'],
  ['wan', '198.18.0.2', '198.18.0.2', 'tcp 4000 443', 'spoofed'],
  ['wan', '2a0e:ffff:1::2', '2602:f674:0:1000::37', 'tcp 4000 443', 'spoofed'],
  // Where a BGP speaker of our own stands, the whole world may come from, but not the other networks.
  ['management', '192.168.100.77', '192.168.100.30', 'tcp 4000 22', 'spoofed'],
  ['management', '2602:f674:0:1000::77', '2602:f674:0:1000::30', 'tcp 4000 22', 'spoofed'],
  ['wan', '192.0.2.9', '198.18.0.2', 'tcp 4000 443', 'martian'],
  ['wan', '2001:db8::9', '2602:f674:0:1000::37', 'tcp 4000 443', 'martian'],
  ['wan', 'fd00::9', '2602:f674:0:1000::37', 'tcp 4000 443', 'martian'],
  // Routed behind lan, and of no network of the site: nobody outside could answer it.
  ['lan', '172.30.0.5', '198.18.9.9', 'udp 4000 53', 'leaving'],
  ['lan', '2a0e:ffff:8::5', '2a0e:ffff:9::9', 'udp 4000 53', 'leaving'],
  // An answer that nobody asked for (SYN and ACK), and flags that no packet has.
  ['internet', '2a0e:ffff:9::9', '2602:f674:0:1000::37', 'tcp 4000 443 18', 'invalid'],
  ['internet', '198.18.9.9', '198.18.0.2', 'tcp 4001 443 18', 'invalid'],
  ['internet', '198.18.9.9', '198.18.0.2', 'tcp 4002 179 3', 'invalid'],
]

const MACHINES = ['router', 'lan', 'guest', 'management', 'wan', 'internet', 'mesh']

/** The cables, and who answers where. On the way to the internet is a link that takes less than an Ethernet frame, which no end knows. */
function build(site: Site): Stage {
  const stage = new Stage(MACHINES)
  const macs = new Map(routersOf(site)[0]?.nics.map(({ nic, network }) => [network.name, nic.mac]))
  const cables = [
    ['lan', ['ai', 'proxy'], 'router lan', 24],
    ['guest', ['visitor'], 'router guest', 24],
    ['management', ['node', 'admin'], 'router management', 24],
    ['wan', ['peer', 'node wan'], 'router wan', 24],
  ] as const
  for (const [machine, who, router, length] of cables) {
    const cidrs = (name: Who) => [`${AT[name][0]}/${length}`, `${AT[name][1]}/64`]
    const mac = macs.get(machine) ?? ''
    stage.plug({
      from: machine,
      to: 'router',
      at: [`${machine}0`, ...cidrs(router)],
      addresses: who.flatMap(cidrs),
      mac,
    })
    if (machine !== 'wan')
      stage.sh(machine, 'ip route add default via "$1"; ip -6 route add default via "$2"', ...AT[router])
  }
  stage.plug({
    from: 'mesh',
    to: 'router',
    at: ['wg-clients', '10.99.0.1/24'],
    addresses: ['10.99.0.10/24'],
    mtu: 1420,
  })
  stage.sh('mesh', 'ip route add default via 10.99.0.1')
  const internet = AT.internet.map((address) => `${address}/${address.includes(':') ? 64 : 24}`)
  stage.plug({
    from: 'internet',
    to: 'wan',
    at: ['net0', '198.18.9.1/24', '2a0e:ffff:9::1/64'],
    addresses: internet,
    mtu: 1400,
  })
  stage.sh('internet', 'ip route add default via 198.18.9.1; ip -6 route add default via 2a0e:ffff:9::1')
  stage.sh(
    'wan',
    `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    ip route add 192.168.0.0/16 via 198.18.0.2; ip -6 route add 2602:f674::/48 via 2a0e:ffff:1::2`,
  )
  stage.sh(
    'router',
    `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    ip route add default via 198.18.0.1; ip -6 route add default via 2a0e:ffff:1::1
    ip -6 route add 2602:f674::/64 dev wan0
    ip route add 10.42.0.0/16 via 192.168.100.30; ip -6 route add fd00:77::/64 via 2602:f674:0:1000::30
    ip route add 172.30.0.0/24 via 192.168.100.30; ip -6 route add 2a0e:ffff:8::/64 via 2602:f674:0:1000::30`,
  )
  stage.sh('lan', 'ip addr add 10.42.0.5/32 dev lo; ip -6 addr add fd00:77::5/128 dev lo nodad')
  return stage
}

async function serve(stage: Stage): Promise<void> {
  const on = (name: string, who: readonly Who[], tcp: readonly number[], udp: readonly number[]) =>
    stage.ask(name, 'serve', { addresses: who.flatMap((one) => AT[one].filter((address) => address)), tcp, udp })
  const [tcp, udp] = [
    [22, 80, 443, 8006, 8007, 8020, 9100],
    [53, 443, 9100],
  ]
  await Promise.all([
    on(
      'router',
      ['router lan', 'router guest', 'router management', 'router wan'],
      [22, 53, 179],
      [53, 3784, 4784, 51820],
    ),
    stage.ask('router', 'serve', { addresses: ['0.0.0.0'], tcp: [], udp: [67, 68] }),
    on('lan', ['ai', 'proxy'], tcp, udp),
    on('guest', ['visitor'], tcp, udp),
    on('management', ['node', 'admin'], tcp, udp),
    on('internet', ['internet'], tcp, udp),
    on('mesh', ['laptop'], tcp, udp),
  ])
}

function factsOf(stage: Stage): HostFacts {
  return {
    files: new Map(),
    commands: new Map([['links', { code: 0, stdout: stage.sh('router', 'ip -j link'), stderr: '' }]]),
  }
}

describe('the firewall of a router, packet by packet', function () {
  this.timeout(60_000)
  let stage: Stage
  let site: Site
  let folder: string
  let file: string

  const load = () => stage.sh('router', 'nft -f "$1"', file)

  before(async function () {
    const reason =
      (await missingForHosts()) ?? ((await run([PYTHON, '--version'])).code === 0 ? undefined : 'no Python')
    if (reason) skip(this, reason)
    site = await parseSite(SITE, '/site.yaml', { home: '/nowhere', standInKey: KEY })
    stage = build(site)
    const [router] = routersOf(site)
    assert.ok(router)
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    file = join(folder, 'firewall.nft')
    writeFileSync(file, firewallFile(site, router, factsOf(stage)))
    await serve(stage)
    load()
  })

  after(() => {
    stage?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const heardOn = async (machine: string, what: string) =>
    ((await stage.ask(machine, 'heard')).heard ?? []).includes(what)

  /** Answered, or dropped for this reason: no third thing, and no waiting for nothing to happen. */
  async function verdict(from: keyof typeof MACHINE, wanted: Dial): Promise<string> {
    const counted = stage.drops()
    const call = stage.dial(MACHINE[from], wanted)
    let dropped: string | undefined
    await until(`an answer to ${JSON.stringify(wanted)} from ${from}`, () => {
      if (call.state.answer) return true
      const now = stage.drops()
      dropped = Object.keys(now).find((reason) => reason !== 'noise' && (now[reason] ?? 0) > (counted[reason] ?? 0))
      return dropped !== undefined
    })
    await call.stop()
    if (dropped !== undefined && call.state.answer?.peer === undefined) return dropped
    return call.state.answer?.peer === undefined ? JSON.stringify(call.state.answer) : 'pass'
  }

  for (const [from, to, families, what, want] of ROWS)
    for (const family of families === 'both' ? ([4, 6] as const) : [families])
      it(`${want === 'pass' ? 'passes' : `drops (${want})`} ${from} -> ${to} ${what} over IPv${family}`, async () => {
        const at = family === 4 ? 0 : 1
        const [proto = '', port] = what.split(' ')
        const wanted = { proto: proto as Dial['proto'], to: AT[to][at] ?? '', source: AT[from][at] ?? '' }
        assert.equal(await verdict(from, { ...wanted, ...(port && { port: Number(port) }) }), want)
      })

  for (const [machine, source, to, what, want] of FORGED)
    it(`drops (${want}) what ${machine} sends as ${source} to ${to}: ${what}`, async () => {
      const [proto, sport, dport, flags] = what.split(' ')
      const before = stage.drops()
      const forged = { source, to, proto, sport: Number(sport), dport: Number(dport), flags: Number(flags ?? 2) }
      await stage.ask(machine, 'forge', forged)
      await until(`a drop for ${want}`, () => (stage.drops()[want] ?? 0) === (before[want] ?? 0) + 1)
    })

  it('shows the outside the address of the router for IPv4, and the own one for IPv6', async () => {
    const seenAs = async (from: 'ai' | 'visitor', at: 0 | 1) =>
      (await stage.dial(MACHINE[from], { proto: 'tcp', to: AT.internet[at], port: 443, source: AT[from][at] }).ended)
        .peer
    assert.equal(await seenAs('ai', 0), '198.18.0.2')
    assert.equal(await seenAs('visitor', 0), '198.18.0.2')
    assert.equal(await seenAs('ai', 1), AT.ai[1])
  })

  it('shows a forwarded guest who really asks, and the router where both are on one wire', async () => {
    const seenAs = async (machine: string, source: string) =>
      (await stage.dial(machine, { proto: 'tcp', to: '198.18.0.2', port: 443, source }).ended).peer
    assert.equal(await seenAs('internet', AT.internet[0]), AT.internet[0])
    assert.equal(await seenAs('management', AT.admin[0]), AT.admin[0])
    assert.equal(await seenAs('lan', AT.ai[0]), AT['router lan'][0])
  })

  it('lets a guest learn that the path is narrow: packet too big comes back', async () => {
    for (const to of AT.internet) {
      const call = stage.dial('lan', {
        proto: 'tcp',
        to,
        port: 443,
        source: AT.ai[to.includes(':') ? 1 : 0],
        size: 200_000,
      })
      assert.equal((await call.ended).size, 200_000)
      // Linux keeps what the message said for this destination.
      const route = stage.sh('lan', 'ip route get "$1" from "$2"', to, AT.ai[to.includes(':') ? 1 : 0])
      assert.match(route, /mtu 1400/)
      await call.stop()
    }
  })

  it('clamps the segment size of a tunnel, both ways', async () => {
    for (const [machine, wanted] of [
      ['mesh', { proto: 'tcp', to: AT.ai[0], port: 22, source: AT.laptop[0] }],
      ['lan', { proto: 'tcp', to: AT.laptop[0], port: 22, source: AT.ai[0] }],
    ] as const) {
      const { segment, mine } = await stage.dial(machine, wanted).ended
      // 1420 without 40 of headers and 12 of time stamps.
      assert.deepEqual({ segment, mine }, { segment: 1368, mine: 1368 })
    }
  })

  it('takes a DHCP request from a network that it serves, and from no other', async () => {
    const request = { source: '0.0.0.0', to: '255.255.255.255', proto: 'udp', sport: 68, dport: 67 }
    for (const machine of ['lan', 'guest']) await stage.ask(machine, 'forge', { ...request, device: 'router' })
    await until(
      'both requests',
      async () =>
        ((await stage.ask('router', 'heard')).heard ?? []).filter((one) => one === 'udp 67 from 0.0.0.0').length === 2,
    )
    for (const machine of ['management', 'wan']) {
      const { noise = 0 } = stage.drops()
      await stage.ask(machine, 'forge', { ...request, device: 'router' })
      await until(`that of ${machine} dropped`, () => (stage.drops().noise ?? 0) > noise)
    }
  })

  it('keeps connections over a load, counts from zero, and touches no other table', async () => {
    stage.sh('router', 'nft add table inet other; nft add chain inet other mine')
    const call = stage.dial('lan', { proto: 'tcp', to: AT.internet[0], port: 443, source: AT.ai[0] })
    await call.ended
    load()
    assert.equal(
      Object.values(stage.drops()).reduce((sum, count) => sum + count, 0),
      0,
    )
    assert.equal((await call.say(10)).size, 11)
    await call.stop()
    assert.match(stage.sh('router', 'nft list tables'), /table inet other/)
    stage.sh('router', 'nft delete table inet other')
  })

  it('takes packets of the whole world from a BGP speaker of our own', async () => {
    const passed = { source: '198.18.9.9', to: AT.ai[0], proto: 'udp', sport: 4000, dport: 9100 }
    await stage.ask('management', 'forge', passed)
    await until('it arrives', async () => heardOn('lan', 'udp 9100 from 198.18.9.9'))
  })

  it('answers pings within reason', async () => {
    for (const [at, source] of AT.ai.entries()) {
      const { rate = 0 } = stage.drops()
      const ping = { source, to: AT['router lan'][at], proto: 'icmp', sport: 9, dport: 0, count: 400 }
      await stage.ask('lan', 'forge', ping)
      await until('some dropped', () => (stage.drops().rate ?? 0) > rate)
    }
  })

  it('tells who takes its address that it is taken, inside and outside', async () => {
    for (const [machine, address] of [
      ['lan', AT['router lan'][1]],
      ['wan', AT['router wan'][1]],
    ] as const) {
      const take = 'sysctl -qw net.ipv6.conf.router.accept_dad=1; ip -6 addr add "$1/128" dev router'
      stage.sh(machine, take, address)
      const refused = () => stage.sh(machine, 'ip -6 addr show dev router dadfailed').includes(address)
      await until(`${address} is refused`, refused)
      stage.sh(machine, 'ip -6 addr del "$1/128" dev router', address)
    }
  })

  it('hears a router advertisement from outside, and from no network of its own', async () => {
    const hops = (name: string) => stage.sh('router', 'sysctl -n "net.ipv6.conf.$1.hop_limit"', name).trim()
    stage.sh('router', 'sysctl -qw net.ipv6.conf.wan0.accept_ra=2 net.ipv6.conf.lan0.accept_ra=2')
    await stage.ask('wan', 'advertise', { device: 'router', hops: 77 })
    await until('the hop limit', () => hops('wan0') === '77')
    const { noise = 0 } = stage.drops()
    await stage.ask('lan', 'advertise', { device: 'router', hops: 77 })
    await until('it is dropped', () => (stage.drops().noise ?? 0) > noise)
    assert.equal(hops('lan0'), '64')
  })

  it('counts who knocks on SSH and BGP, an IPv6 network as one, and never the node', async () => {
    const knocks = [
      ['lan', AT.ai[0], AT['router lan'][0], 22],
      ['management', AT.admin[1], AT['router management'][1], 22],
      ['wan', AT.peer[0], AT['router wan'][0], 179],
      ['wan', AT.peer[1], AT['router wan'][1], 179],
    ] as const
    load()
    let { rate = 0 } = stage.drops()
    for (const [machine, source, to, dport] of knocks) {
      await stage.ask(machine, 'forge', { source, to, proto: 'tcp', sport: 20_000, dport, count: 100 })
      // At once, so that at most a few more than the burst pass.
      await until(`${source} is dropped`, () => (stage.drops().rate ?? 0) > rate + 30)
      rate = stage.drops().rate ?? 0
    }
    // Another address of the /64 that has used up its tries; and somebody else.
    await stage.ask('management', 'forge', {
      source: '2602:f674:0:3000::21',
      to: AT['router management'][1],
      proto: 'tcp',
      sport: 30_000,
      dport: 22,
      count: 30,
    })
    await until('its neighbour is dropped', () => (stage.drops().rate ?? 0) > rate)
    rate = stage.drops().rate ?? 0
    const node = { source: AT.node[0], to: AT['router management'][0], proto: 'tcp', sport: 20_000, dport: 22 }
    await stage.ask('management', 'forge', { ...node, count: 100 })
    assert.equal(await verdict('node', { proto: 'tcp', to: node.to, port: 22, source: node.source }), 'pass')
    assert.equal(stage.drops().rate, rate)
  })

  it('sees a rule that was deleted, added or moved by hand, and not whom it counts', async () => {
    const [router] = routersOf(site)
    assert.ok(router)
    const { commands = {} } = firewallFacts(site, router)
    const drift = () => {
      const said = (name: string) => {
        const argv = (commands[name] ?? []).map((word) => (word === '/etc/orion/firewall.nft' ? file : word))
        return { code: 0, stdout: stage.sh('router', 'exec "$@"', ...argv), stderr: '' }
      }
      const table = { table: 'orion', path: file, name: 'firewall' }
      const names = ['firewall-live', 'firewall-file']
      return liveDrift({ files: new Map(), commands: new Map(names.map((name) => [name, said(name)])) }, table)
    }
    assert.match(stage.sh('router', 'nft list set inet orion ssh_rate4'), /elements = /)
    assert.deepEqual(drift(), [])
    const handle = /isolated.* # handle (\d+)/.exec(stage.sh('router', 'nft -a list chain inet orion forward'))?.[1]
    stage.sh('router', `nft delete rule inet orion forward handle ${handle}`)
    const [gone] = drift()
    assert.equal(gone?.have, '1 line other')
    assert.match(gone?.lines?.join() ?? '', /^\+\t\tiifname "guest0" oifname != \{ .* \} goto drop_isolated$/)
    load()
    stage.sh('router', 'nft add element inet orion nodes4 { 192.168.100.99 }')
    assert.equal(drift().length, 1)
    load()
    assert.deepEqual(drift(), [])
  })
})
