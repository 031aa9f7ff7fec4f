// The firewall at the edge, packet by packet: what a BGP customer may send as its own, and what never leaves toward other networks.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firewallFile } from '../../src/parts/router/firewall-file.ts'
import { type Router, routersOf } from '../../src/parts/router/router.ts'
import { parseSite } from '../../src/site/load.ts'
import { run } from '../hosts/inside.ts'
import { missingForHosts } from '../hosts/nspawn.ts'
import { rootfs } from '../hosts/rootfs.ts'
import { PYTHON, skip } from '../setup.ts'
import { KEY } from '../site/site-text.ts'
import { Stage, until } from './firewall-stage.ts'

/** `home` is a private WAN whose gateway translates; BGP is spoken there over IPv6 alone. */
const SITE = `
site: probe
nodes: { pve: { address: 10.20.0.10, gateway: 10.20.0.1, ports: { transit: eno1 } } }
networks:
  transit: { bridge: vmbr0, ipv6: 2602:f674::/64 }   # ours, and the router has another address there
  home: { bridge: vmbr1 }
  ix: { bridge: vmbr2 }
  lan: { bridge: vmbr3, ipv4: 198.19.10.0/26, ipv6: 2602:f674:0:1000::/64 }
  guest: { bridge: vmbr4, ipv4: 192.168.200.0/24, ipv6: 2602:f674:0:2000::/64, isolated: true }
  core: { bridge: vmbr5, ipv4: 10.20.0.0/24, ipv6: 2602:f674:0:3000::/64 }
  shop: { bridge: vmbr6, ipv4: 198.19.11.0/29, ipv6: 2602:f674:0:c000::/64 }
  ispa: { bridge: vmbr7 }
  ispb: { bridge: vmbr8 }
storage: { local: { type: dir, path: /var/lib/vz, content: [images, import] } }
images: { debian: { url: https://images.example.net/debian.qcow2, checksum: "sha512:${'0'.repeat(128)}" } }
defaults: { guest: { node: pve, storage: local, image: debian, memory: 1G, disk: 8G } }
guests:
  router:
    id: 200
    nics:
      transit: { ipv4: 198.18.1.2/30, ipv6: 2a0e:ffff:1::2/64 }
      home: { ipv4: 192.168.5.2/24, ipv6: 2a0e:ffff:5::2/64 }
      ix: { ipv4: 198.18.8.2/24, ipv6: 2a0e:ffff:8::2/64 }
      lan: 198.19.10.1
      guest: 192.168.200.1
      core: 10.20.0.1
      shop: { ipv4: 198.19.11.1/29, ipv6: 2602:f674:0:c000::1/64 }
      ispa: { ipv4: 10.9.0.1/30, ipv6: 2a0e:ffff:9::1/64 }
      ispb: { ipv4: 10.9.1.1/30, ipv6: 2a0e:ffff:9:1::1/64 }
firewall:
  router: router
  allow:
    - { from: [lan, guest, core, shop, ispa, ispb], to: [transit, ix, home] }
    - { from: [transit, ix, shop, ispa, ispb], to: lan }
bgp:
  router: router
  asn: 394955
  routerId: 198.19.10.1
  announce: [2602:f674::/48, 198.19.10.0/24]
  peers:
    up: { asn: 1299, address: 198.18.1.1, relation: provider }
    up6: { asn: 1299, address: "2a0e:ffff:1::1", relation: provider }
    tunnel: { asn: 6939, address: "2a0e:ffff:5::1", relation: provider }
    ix-a: { asn: 13335, address: 198.18.8.1, relation: peer }
    ix-a6: { asn: 13335, address: "2a0e:ffff:8::1", relation: peer }
    branch: { asn: 65030, address: 198.18.8.50, relation: customer, prefixes: [198.19.10.96/27] }
    branch6: { asn: 65030, address: "2a0e:ffff:8::50", relation: customer, prefixes: ["2602:f674:0:fe00::/56"] }
    shop: { asn: 65010, address: 198.19.11.2, relation: customer, prefixes: [198.19.10.128/25, 198.19.0.0/18] }
    shop6: { asn: 65010, address: "2602:f674:0:c000::2", relation: customer, prefixes: ["2602:f674:0:ff00::/56", "2602:f600::/24"] }
    ispa: { asn: 65020, address: 10.9.0.2, relation: customer, asSet: AS-ISP, prefixes: [198.18.66.0/24] }
    ispa6: { asn: 65020, address: "2a0e:ffff:9::2", relation: customer, asSet: AS-ISP, prefixes: ["2a0e:ffff:66::/48"] }
    ispb: { asn: 65020, address: 10.9.1.2, relation: customer, asSet: AS-ISP }
    ispb6: { asn: 65020, address: "2a0e:ffff:9:1::2", relation: customer, asSet: AS-ISP }
    core: { asn: 394955, address: 10.20.0.2, relation: internal }
    core6: { asn: 394955, address: "2602:f674:0:3000::2", relation: internal }
`

/** The cable of each machine: the router's end, its own, and who else answers there. */
const CABLES = {
  lan: ['198.19.10.1/26 2602:f674:0:1000::1/64', '198.19.10.30/26 2602:f674:0:1000::30/64'],
  guest: ['192.168.200.1/24 2602:f674:0:2000::1/64', '192.168.200.50/24 2602:f674:0:2000::50/64'],
  core: ['10.20.0.1/24 2602:f674:0:3000::1/64', '10.20.0.2/24 2602:f674:0:3000::2/64'],
  transit: ['198.18.1.2/30 2a0e:ffff:1::2/64', '198.18.1.1/30 2a0e:ffff:1::1/64 198.18.100.1/32 2a0e:ffff:100::1/128'],
  home: ['192.168.5.2/24 2a0e:ffff:5::2/64', '192.168.5.1/24 2a0e:ffff:5::1/64 198.18.102.1/32 2a0e:ffff:102::1/128'],
  ix: ['198.18.8.2/24 2a0e:ffff:8::2/64', '198.18.8.1/24 2a0e:ffff:8::1/64 198.18.101.1/32 2a0e:ffff:101::1/128'],
  shop: ['198.19.11.1/29 2602:f674:0:c000::1/64', '198.19.11.2/29 2602:f674:0:c000::2/64'],
  ispa: ['10.9.0.1/30 2a0e:ffff:9::1/64', '10.9.0.2/30 2a0e:ffff:9::2/64'],
  ispb: ['10.9.1.1/30 2a0e:ffff:9:1::1/64', '10.9.1.2/30 2a0e:ffff:9:1::2/64'],
} as const
type Machine = keyof typeof CABLES

const TO = {
  lan: ['198.19.10.30', '2602:f674:0:1000::30'],
  transit: ['198.18.100.1', '2a0e:ffff:100::1'],
  ix: ['198.18.101.1', '2a0e:ffff:101::1'],
  home: ['198.18.102.1', '2a0e:ffff:102::1'],
} as const

/** As BIRD would have them: our prefixes as a whole end here, and the best way to everything else. */
const ROUTES = `
unreachable 198.19.10.0/24 metric 32, unreachable 2602:f674::/48 metric 32
default via 198.18.1.1, default via 2a0e:ffff:1::1
198.18.101.0/24 via 198.18.8.1, 2a0e:ffff:101::/48 via 2a0e:ffff:8::1
198.18.102.0/24 via 192.168.5.1, 2a0e:ffff:102::/48 via 2a0e:ffff:5::1
198.19.10.96/27 via 198.18.8.1, 2602:f674:0:fe00::/56 via 2a0e:ffff:8::1
198.19.10.128/25 via 198.19.11.2, 2602:f674:0:ff00::/56 via 2602:f674:0:c000::2
198.18.64.0/24 via 10.9.0.2, 2a0e:ffff:64::/48 via 2a0e:ffff:9::2
198.18.65.0/24 via 10.9.1.2, 2a0e:ffff:65::/48 via 2a0e:ffff:9:1::2
198.18.80.0/24 via 10.20.0.2, 2a0e:ffff:80::/48 via 2602:f674:0:3000::2
172.30.0.0/24 via 198.19.10.30
198.18.77.0/24 via 198.19.10.30, 2a0e:ffff:77::/48 via 2602:f674:0:1000::30
`

/** From, under which sources, to, and `arrives`, or why it is dropped. */
const ROWS: readonly (readonly [Machine, readonly string[], keyof typeof TO, string])[] = [
  // What a customer may announce it may send, and what stands on its wire; whichever way its routes lead.
  ['shop', ['198.19.10.130', '2602:f674:0:ff00::5'], 'lan', 'arrives'],
  ['shop', ['198.19.10.130', '2602:f674:0:ff00::5'], 'transit', 'arrives'],
  ['shop', ['198.19.60.1', '2602:f601::1'], 'transit', 'arrives'],
  ['shop', ['198.19.11.2', '2602:f674:0:c000::2'], 'lan', 'arrives'],
  // Ours, also where its prefixes hold ours; the world's; nobody's.
  ['shop', ['198.19.10.31', '2602:f674:0:1000::31'], 'transit', 'spoofed'],
  ['shop', ['198.19.10.70', '2602:f674:0:abcd::1'], 'transit', 'spoofed'],
  ['shop', ['198.19.10.97', '2602:f674:0:fe00::1'], 'transit', 'spoofed'],
  ['shop', ['198.18.9.9', '2a0e:ffff:99::9'], 'lan', 'spoofed'],
  ['shop', ['198.18.64.5', '2a0e:ffff:64::5'], 'lan', 'spoofed'],
  ['shop', ['192.168.200.5', '10.66.0.1', 'fd00::5'], 'transit', 'spoofed'],
  // Who has an AS-SET: what is routed to it, over any of its links; and what is listed.
  ['ispa', ['198.18.64.5', '2a0e:ffff:64::5'], 'transit', 'arrives'],
  ['ispa', ['198.18.65.5', '2a0e:ffff:65::5'], 'transit', 'arrives'],
  ['ispb', ['198.18.64.5', '2a0e:ffff:64::5'], 'lan', 'arrives'],
  ['ispa', ['198.18.66.5', '2a0e:ffff:66::5'], 'lan', 'arrives'],
  ['ispb', ['198.18.66.5', '2a0e:ffff:66::5'], 'lan', 'arrives'],
  ['ispa', ['10.9.0.2', '2a0e:ffff:9::2'], 'lan', 'arrives'],
  ['ispa', ['198.18.9.9', '2a0e:ffff:99::9'], 'lan', 'spoofed'],
  ['ispa', ['198.19.10.31', '2602:f674:0:1000::31'], 'transit', 'spoofed'],
  ['ispa', ['198.19.10.70', '2602:f674:0:abcd::1'], 'transit', 'spoofed'],
  ['ispa', ['198.19.10.130', '2602:f674:0:ff00::5'], 'transit', 'spoofed'],
  // On a wire with others the world may come from; of ours only what is routed to a customer there.
  ['ix', ['198.19.10.100', '2602:f674:0:fe00::5'], 'lan', 'arrives'],
  ['ix', ['198.18.9.9', '2a0e:ffff:99::9'], 'lan', 'arrives'],
  ['ix', ['198.19.10.31', '2602:f674:0:1000::31'], 'lan', 'spoofed'],
  ['ix', ['198.19.10.70', '2602:f674:0:abcd::1'], 'lan', 'spoofed'],
  ['ix', ['198.19.10.130', '2602:f674:0:ff00::5'], 'lan', 'spoofed'],
  ['transit', ['198.18.9.9', '198.18.64.5', '2a0e:ffff:64::5'], 'lan', 'arrives'],
  ['transit', ['198.19.10.130', '2602:f674:0:ff00::5'], 'lan', 'spoofed'],
  ['transit', ['198.19.10.100', '2602:f674:0:fe00::5'], 'lan', 'spoofed'],
  ['transit', ['2602:f674::5'], 'lan', 'spoofed'],
  // What leaves is announced; a gateway that translates gets everything.
  ['lan', ['198.19.10.30', '2602:f674:0:1000::30'], 'transit', 'arrives'],
  ['lan', ['198.19.10.30', '2602:f674:0:1000::30'], 'ix', 'arrives'],
  ['lan', ['172.30.0.5', '198.18.77.5', '2a0e:ffff:77::5'], 'transit', 'leaving'],
  ['lan', ['172.30.0.5', '198.18.77.5', '2a0e:ffff:77::5'], 'ix', 'leaving'],
  ['lan', ['172.30.0.5', '198.18.77.5'], 'home', 'arrives'],
  ['guest', ['192.168.200.50'], 'transit', 'leaving'],
  ['guest', ['192.168.200.50'], 'ix', 'leaving'],
  ['guest', ['192.168.200.50'], 'home', 'arrives'],
  ['guest', ['2602:f674:0:2000::50'], 'transit', 'arrives'],
  // The wire of a customer is private: it is known here alone.
  ['ispa', ['10.9.0.2'], 'transit', 'leaving'],
  // Behind a BGP speaker of our own are its customers, and no others; its own wire is as private.
  ['core', ['198.18.80.5', '2a0e:ffff:80::5'], 'transit', 'arrives'],
  ['core', ['2602:f674:0:3000::2'], 'transit', 'arrives'],
  ['core', ['198.18.9.9', '2a0e:ffff:99::9'], 'ix', 'leaving'],
  ['core', ['10.20.0.2'], 'transit', 'leaving'],
  ['core', ['10.20.0.2'], 'home', 'arrives'],
]

function build(router: Router): Stage {
  const stage = new Stage(['router', ...Object.keys(CABLES)])
  const macs = new Map(router.nics.map(({ nic, network }) => [network.name, nic.mac]))
  for (const [machine, [there, here]] of Object.entries(CABLES)) {
    const mac = macs.get(machine) ?? ''
    stage.plug({
      from: machine,
      to: 'router',
      at: [`${machine}0`, ...there.split(' ')],
      addresses: here.split(' '),
      mac,
    })
    const gateways = there.split(' ').map((cidr) => cidr.split('/')[0] ?? '')
    stage.sh(machine, 'ip route add default via "$1"; ip -6 route add default via "$2"', ...gateways)
  }
  // 2: as the router's other settings have it.
  stage.sh('router', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=2')
  for (const route of ROUTES.trim().split(/\n|, /))
    stage.sh('router', `ip ${route.includes(':') ? '-6' : '-4'} route add ${route}`)
  return stage
}

describe('the firewall of a router at the edge, packet by packet', function () {
  this.timeout(60_000)
  let stage: Stage
  let folder: string
  let text: string

  before(async function () {
    const reason =
      (await missingForHosts()) ?? ((await run([PYTHON, '--version'])).code === 0 ? undefined : 'no Python')
    if (reason) skip(this, reason)
    const site = await parseSite(SITE, '/site.yaml', { home: '/nowhere', standInKey: KEY })
    const [router] = routersOf(site)
    assert.ok(router)
    stage = build(router)
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    const links = { code: 0, stdout: stage.sh('router', 'ip -j link'), stderr: '' }
    const file = join(folder, 'firewall.nft')
    text = firewallFile(site, router, { files: new Map(), commands: new Map([['links', links]]) })
    writeFileSync(file, text)
    stage.sh('router', 'nft -f "$1"', file)
    const ports = ROWS.map((_, row) => 9000 + row)
    for (const [machine, addresses] of Object.entries(TO))
      await stage.ask(machine, 'serve', { addresses, tcp: [], udp: ports })
  })

  after(() => {
    stage?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  /** Heard there, or counted as dropped: no third thing, and no waiting for nothing to happen. */
  async function verdict(from: Machine, source: string, to: keyof typeof TO, dport: number): Promise<string> {
    const before = stage.drops()
    const target = TO[to][source.includes(':') ? 1 : 0]
    await stage.ask(from, 'forge', { source, to: target, proto: 'udp', sport: 4000, dport })
    let found: string | undefined
    await until(`what becomes of ${source}`, async () => {
      const { heard = [] } = await stage.ask(to, 'heard')
      if (heard.includes(`udp ${dport} from ${source}`)) found = 'arrives'
      const now = stage.drops()
      found ??= Object.keys(now).find((reason) => reason !== 'noise' && (now[reason] ?? 0) > (before[reason] ?? 0))
      return found !== undefined
    })
    return found ?? ''
  }

  for (const [row, [from, sources, to, want]] of ROWS.entries())
    for (const source of sources)
      it(`${want}: what ${from} sends as ${source} to ${to}`, async () => {
        assert.equal(await verdict(from, source, to, 9000 + row), want)
      })

  it('is taken by the nft of Debian 13', async () => {
    const { root } = await rootfs()
    const argv = ['-n', 'chroot', root, 'nft', '-c', '-f', '-']
    const { status, stderr } = spawnSync('unshare', argv, { input: text, encoding: 'utf8' })
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  })
})
