// A node's interfaces as a file-set: what speaks against a change, what it interrupts, what does not stand after it.
import assert from 'node:assert/strict'
import { interfaces } from '../../../src/parts/net/interfaces.ts'
import type { Node } from '../../../src/site/site.ts'
import { type Facts, seenOf } from './facts.ts'
import { bridge, HOME, netNode, VLANS } from './wanted-nodes.ts'

const fileSet = (node: Node) => interfaces(node)
const problems = (node: Node, facts: Facts) => fileSet(node).problems?.(seenOf(facts)) ?? []
const disrupts = (node: Node, facts: Facts) => fileSet(node).disrupts?.(seenOf(facts))
const drift = (node: Node, facts: Facts) =>
  fileSet(node)
    .drift?.(seenOf(facts))
    .map(({ field, have, want }) => `${field}: ${have} -> ${want}`)
const text = (node: Node, facts: Facts = {}) => fileSet(node).files(seenOf(facts))[0]?.text ?? ''

const FILE = `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address 192.168.1.10/24
	gateway 192.168.1.1
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
`

type Links = NonNullable<Facts['links']>

/** A host as Proxmox's installer leaves it; the operator is in the same network. */
const HOST: Facts = {
  file: FILE,
  links: { eno1: { master: 'vmbr0', altnames: ['enp3s0'] }, eno2: {}, eno3: {}, vmbr0: {} },
  addresses: { lo: ['127.0.0.1/8'], vmbr0: ['192.168.1.10/24', 'fe80::1/64'] },
  routes: ['default via 192.168.1.1 dev vmbr0', '192.168.1.0/24 dev vmbr0'],
  neighbours: ['192.168.1.1', '192.168.1.20'],
  ends: ['192.168.1.20', '192.168.1.10'],
}

const links = (more: Links): Links => ({ ...HOST.links, ...more })
const vmbr1 = (parts: Parameters<typeof bridge>[1] = {}) => bridge('vmbr1', { port: 'eno2', ...parts })
const addressed = (cidr: string, gateway?: string) => [{ network: 'lan', cidr, ...(gateway && { gateway }) }]

describe('parts/net/interfaces', () => {
  it('has nothing to say where the host is as wanted', () => {
    const node = netNode([HOME])
    assert.equal(text(node, HOST), FILE)
    assert.deepEqual(problems(node, HOST), [])
    assert.equal(disrupts(node, HOST), undefined)
    assert.deepEqual(drift(node, HOST), [])
  })

  for (const kind of ['link', 'other'] as const) {
    it(`refuses a file that is a ${kind}, whatever it holds`, () => {
      const seen = seenOf(HOST)
      const files = new Map([['/etc/network/interfaces', { kind, text: '', mode: 0o644, owner: 'root' }]])
      const said = fileSet(netNode([HOME])).problems?.({ ...seen, files }) ?? []
      assert.deepEqual(said.length, 1)
      assert.match(said[0] ?? '', /is no plain UTF-8 text file/)
    })
  }

  it('asks the host for everything that it judges by, pings before neighbours', () => {
    const { commands = {} } = fileSet(
      netNode([HOME, vmbr1({ addresses: addressed('2001:db8::5/64', 'fe80::1') })]),
    ).wish
    assert.deepEqual(Object.keys(commands), [
      'ip-links',
      'ip-addresses',
      'ip-routes',
      'ip-routes6',
      'ifupdown2',
      'gateway4',
      'gateway6',
      'ip-neighbours',
    ])
    assert.equal(commands.gateway4?.at(-1), '192.168.1.1')
    assert.equal(commands.gateway6?.at(-1), 'fe80::1%vmbr1')
  })

  it("writes the kernel's name for an altname", () => {
    assert.match(text(netNode([{ ...HOME, port: 'enp3s0' }]), HOST), /bridge-ports eno1\n/)
    assert.match(text(netNode([{ ...HOME, port: 'enp3s0.20' }]), HOST), /bridge-ports eno1\.20\n/)
  })
})

const BOND = { bonds: [{ name: 'bond0', ports: ['eno2', 'eno3'], mode: '802.3ad' }] }
const DHCP: Facts = {
  file: `${FILE}\nauto vmbr0.20\niface vmbr0.20 inet dhcp\n`,
  addresses: { 'vmbr0.20': ['10.20.0.5/24'] },
  ends: ['10.20.0.9', '10.20.0.5'],
}
const PROBLEMS: readonly (readonly [string, Node, Facts, readonly RegExp[]])[] = [
  ['a new bridge', netNode([HOME, vmbr1()]), HOST, []],
  ['no ifupdown2', netNode([HOME, vmbr1()]), { ...HOST, version: null }, [/^alpha has no ifupdown2/]],
  [
    'a port with a typo',
    netNode([HOME, vmbr1({ port: 'eon2' })]),
    HOST,
    [/^alpha has no port "eon2" \(did you mean "eno2"\?\): it has eno1, eno2, eno3\./],
  ],
  ['a port like no other', netNode([HOME, vmbr1({ port: 'wlp2s0' })]), HOST, [/^alpha has no port "wlp2s0": it has/]],
  [
    'the VLAN of a port that is not there',
    netNode([HOME, vmbr1({ port: 'eno9.20' })]),
    HOST,
    [/^alpha has no port "eno9"/],
  ],
  [
    'a port that is gone, with the file as wanted',
    netNode([HOME]),
    { ...HOST, links: { vmbr0: {} } },
    [/^alpha has no port "eno1": it has none/],
  ],
  ['a bond', netNode([HOME, vmbr1({ port: 'bond0' })], BOND), HOST, []],
  ['the VLAN of a bond', netNode([HOME, vmbr1({ port: 'bond0.7' })], BOND), HOST, []],
  [
    "a bond of the host's own file",
    netNode([HOME, vmbr1({ port: 'bond7' })]),
    { ...HOST, file: `${FILE}\niface bond7 inet manual\n\tbond-slaves eno2\n` },
    [],
  ],
  [
    'a port of a bond that is not there',
    netNode([HOME, vmbr1({ port: 'bond0' })], { bonds: [{ name: 'bond0', ports: ['eno2', 'eno8'], mode: '802.3ad' }] }),
    HOST,
    [/^alpha has no port "eno8" \(did you mean "eno1"\?\)/],
  ],
  [
    'a port in a bridge that the site does not name',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\nauto vmbr5\niface vmbr5 inet manual\n\tbridge_ports eno2 eno3\n` },
    [/^port eno2 is wanted in vmbr1, and is in vmbr5 of \/etc\/network\/interfaces/],
  ],
  [
    'a port in a bridge made by hand',
    netNode([HOME, vmbr1()]),
    { ...HOST, links: links({ eno2: { master: 'br7' } }) },
    [/is in br7 that somebody made by hand/],
  ],
  ['a port in a bridge that the site changes', netNode([{ ...HOME, port: 'eno2' }, vmbr1({ port: 'eno1' })]), HOST, []],
  [
    'an address that stands elsewhere',
    netNode([HOME, vmbr1({ addresses: addressed('10.1.0.1/24') })]),
    { ...HOST, file: `${FILE}\niface eno3 inet static\n\taddress 10.1.0.1\n\tnetmask 255.255.255.0\n` },
    [/^10\.1\.0\.1 is wanted on vmbr1, and eno3 /],
  ],
  [
    'a gateway that stands elsewhere',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\niface eno3 inet static\n\taddress 10.1.0.2/24\n\tgateway 10.1.0.1\n` },
    [/^the default gateway is wanted on vmbr0, and eno3 .*10\.1\.0\.1/],
  ],
  [
    'a bridge of Open vSwitch',
    netNode([HOME]),
    { ...HOST, file: FILE.replace(/bridge-ports[\s\S]*/, 'ovs_type OVSBridge\n\tovs_ports eno1\n') },
    [/^vmbr0 of .* is made by Open vSwitch \(OVSBridge\), and orion makes Linux bridges/],
  ],
  [
    'a port of a bridge of Open vSwitch',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\nauto vmbr5\niface vmbr5 inet manual\n\tovs_type OVSBridge\n\tovs_ports eno2\n` },
    [/^port eno2 is wanted in vmbr1, and is in vmbr5 of /],
  ],
  [
    'a slip in an option of others',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\niface eno3 inet manual\n\tmut 9000\n\tbridge-fdd 0\n` },
    [/has "bridge-fdd 0" at eno3.*did you mean "bridge-fd"/],
  ],
  [
    'a slip in a keyword',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}ifcae eno3 inet manual\n` },
    [/has "ifcae eno3 inet manual" at vmbr0.*did you mean "iface"/],
  ],
  [
    'an option that nobody knows',
    netNode([HOME, vmbr1()]),
    { ...HOST, file: `${FILE}\niface eno3 inet manual\n\tacme-frobnicate yes\n\tvxlan-mcast 239.1.1.1\n` },
    [],
  ],
  [
    'no Proxmox build, with guests',
    netNode([HOME, vmbr1()]),
    { ...HOST, version: '3.0.0-1.3', links: links({ tap100i0: { kind: 'tun', master: 'vmbr0' } }) },
    [/^alpha has ifupdown2 3\.0\.0-1\.3, not Proxmox's own: .* off vmbr0 \(1 guest\)/],
  ],
  [
    'no Proxmox build, with guests, where only the kernel is not as the file says',
    netNode([HOME]),
    { ...HOST, version: '3.0.0-1.3', links: links({ eno1: {}, tap100i0: { master: 'vmbr0' } }) },
    [/would take running guests off vmbr0 \(1 guest\)/],
  ],
  [
    'no Proxmox build, with guests, and all as wanted',
    netNode([HOME]),
    { ...HOST, version: '3.0.0-1.3', links: links({ tap100i0: { master: 'vmbr0' } }) },
    [],
  ],
  [
    'no Proxmox build, with a bridge that keeps guests',
    netNode([HOME, vmbr1()]),
    {
      ...HOST,
      file: `${FILE}\tbridge-ports-condone-regex ^(tap|veth)\n`,
      version: '3.0.0-1.3',
      links: links({ tap100i0: { kind: 'tun', master: 'vmbr0' } }),
    },
    [],
  ],
  [
    "Proxmox's build, with guests",
    netNode([HOME, vmbr1()]),
    { ...HOST, links: links({ tap100i0: { kind: 'tun', master: 'vmbr0' } }) },
    [],
  ],
  [
    'VLANs of guests that would be mixed',
    netNode([HOME]),
    {
      ...HOST,
      file: `${FILE}\tbridge-vlan-aware yes\n`,
      links: links({ vmbr0: { vlanFiltering: true }, tap100i0: { master: 'vmbr0' } }),
    },
    [/^vmbr0 filters VLANs now/],
  ],
  [
    'VLANs without guests',
    netNode([HOME]),
    { ...HOST, file: `${FILE}\tbridge-vlan-aware yes\n`, links: links({ vmbr0: { vlanFiltering: true } }) },
    [],
  ],

  [
    'the management address taken away',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    HOST,
    [/^this session reaches alpha at 192\.168\.1\.10 on vmbr0, and the new .* has that address nowhere/],
  ],
  [
    '… with another path that stays',
    netNode([bridge('vmbr0', { port: 'eno1' })], { ssh: { alsoAt: ['10.5.0.1'] } }),
    { ...HOST, addresses: { ...HOST.addresses, eno3: ['10.5.0.1/24'] } },
    [],
  ],
  [
    '… with another path that the site makes',
    netNode([bridge('vmbr0', { port: 'eno1' }), vmbr1({ addresses: addressed('10.5.0.1/24', '10.5.0.2') })], {
      ssh: { alsoAt: ['10.5.0.1'] },
    }),
    HOST,
    [],
  ],
  [
    '… with another path that nobody has',
    netNode([bridge('vmbr0', { port: 'eno1' })], { ssh: { alsoAt: ['10.5.0.1'] } }),
    HOST,
    [/has that address nowhere/],
  ],
  [
    '… with another path that goes the same way',
    netNode([bridge('vmbr0', { port: 'eno1' })], { ssh: { alsoAt: ['10.5.0.1'] } }),
    { ...HOST, addresses: { vmbr0: ['192.168.1.10/24', '10.5.0.1/24'] } },
    [/has that address nowhere/],
  ],
  [
    'a new management address',
    netNode([bridge('vmbr0', { port: 'eno1', addresses: addressed('192.168.1.11/24', '192.168.1.1') })], {
      address: '192.168.1.11',
    }),
    HOST,
    [],
  ],
  [
    'the management address on another bridge',
    netNode([bridge('vmbr0', { port: 'eno1' }), vmbr1({ addresses: HOME.addresses })]),
    HOST,
    [],
  ],
  [
    '… whose port has no cable',
    netNode([bridge('vmbr0', { port: 'eno1' }), vmbr1({ addresses: HOME.addresses })]),
    { ...HOST, links: links({ eno2: { state: 'dead' } }) },
    [/^192\.168\.1\.10, which carries this session, would move to vmbr1, and its port eno2 has no link/],
  ],
  [
    'a cable that was never in',
    netNode([HOME, vmbr1()]),
    { ...HOST, links: links({ eno1: { master: 'vmbr0', state: 'dead' } }) },
    [],
  ],
  [
    'the gateway of a far operator taken away',
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/32') }]),
    { ...HOST, ends: ['172.16.0.9', '192.168.1.10'] },
    [/^answers to 172\.16\.0\.9 leave alpha by the gateway 192\.168\.1\.1 now, .* name nodes\.alpha\.gateway\.$/],
  ],
  [
    'a far operator with a static route',
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/25') }]),
    { ...HOST, routes: ['172.16.0.0/12 via 192.168.1.3 dev vmbr0'], ends: ['172.16.0.9', '192.168.1.10'] },
    [],
  ],
  [
    'a far operator with a static route beside the default one',
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/32') }]),
    {
      ...HOST,
      routes: [...(HOST.routes ?? []), '172.16.0.0/12 via 192.168.1.3 dev vmbr0'],
      ends: ['172.16.0.9', '192.168.1.10'],
    },
    [],
  ],
  [
    'an address by DHCP on a VLAN of a bridge that keeps its place',
    netNode([{ ...HOME, mtu: 1400 }], { address: '198.51.100.7' }),
    { ...HOST, ...DHCP },
    [],
  ],
  [
    'an address by DHCP on a VLAN of a bridge that goes into another VLAN',
    netNode([{ ...HOME, port: 'eno1.7' }], { address: '198.51.100.7' }),
    { ...HOST, ...DHCP },
    [/^this session reaches alpha at 10\.20\.0\.5 on vmbr0\.20/],
  ],
  [
    "a near operator's network taken away",
    netNode([{ ...HOME, addresses: addressed('192.168.1.10/32') }]),
    { ...HOST, file: FILE.replace(/\tgateway.*\n/, ''), routes: ['192.168.1.0/24 dev vmbr0'] },
    [/^answers to 192\.168\.1\.20 leave alpha on vmbr0 now/],
  ],
  [
    'an operator behind NAT',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, ends: ['192.168.1.20', '203.0.113.9'] },
    [/^this session reaches alpha at 192\.168\.1\.10 on vmbr0/],
  ],
  [
    'an operator over an interface of others',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, addresses: { ...HOST.addresses, wg0: ['10.8.0.1/24'] }, ends: ['10.8.0.2', '10.8.0.1'] },
    [],
  ],
  [
    "an operator on a port that becomes a bridge's",
    netNode([vmbr1()], { address: '198.51.100.7' }),
    { ...HOST, addresses: { ...HOST.addresses, eno2: ['10.8.0.1/24'] }, ends: ['10.8.0.2', '10.8.0.1'] },
    [/^this session reaches alpha at 10\.8\.0\.1 on eno2/],
  ],
  [
    'an operator over loopback: the end of a tunnel, or orion on the node itself',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, ends: ['127.0.0.1', '127.0.0.1'] },
    [/^this session reaches alpha at 192\.168\.1\.10 on vmbr0/],
  ],
  [
    'an operator over IPv4 in IPv6',
    netNode([bridge('vmbr0', { port: 'eno1' })]),
    { ...HOST, ends: ['::ffff:192.168.1.20', '::ffff:192.168.1.10'] },
    [/at 192\.168\.1\.10 on vmbr0/],
  ],
  [
    'an operator over IPv6',
    netNode([HOME]),
    {
      ...HOST,
      file: `${FILE}\niface vmbr0 inet6 static\n\taddress 2001:db8::5/64\n`,
      addresses: { vmbr0: ['192.168.1.10/24', '2001:db8::5/64'] },
      ends: ['2001:db8::9', '2001:db8::5'],
    },
    [],
  ],
  [
    '… to a node that is not at its own address',
    netNode([HOME], { address: '198.51.100.1' }),
    {
      ...HOST,
      file: `${FILE}\niface vmbr0 inet6 static\n\taddress 2001:db8::5/64\n`,
      addresses: { vmbr0: ['192.168.1.10/24', '2001:db8::5/64'] },
      ends: ['2001:db8::9', '2001:db8::5'],
    },
    [/at 2001:db8::5 on vmbr0/],
  ],
  ['a host that says nothing of itself', netNode([HOME]), { file: FILE, links: { eno1: {} } }, []],
]

describe('parts/net/interfaces: what speaks against a change', () => {
  for (const [what, node, facts, want] of PROBLEMS)
    it(what, () => {
      const got = problems(node, facts)
      assert.equal(got.length, want.length, got.join('\n'))
      want.forEach((pattern, index) => {
        assert.match(got[index] ?? '', pattern)
      })
    })

  it('names every problem at once', () => {
    const node = netNode([bridge('vmbr0', { port: 'eno7' }), vmbr1({ port: 'eno8' })])
    assert.equal(
      problems(node, { ...HOST, version: '3.0.0', links: links({ veth101i0: { master: 'vmbr0' } }) }).length,
      4,
    )
  })
})

const GUESTS = {
  tap100i0: { master: 'vmbr0' },
  tap100i1: { master: 'vmbr0' },
  fwpr101p0: { master: 'vmbr0' },
  fwln101i0: { master: 'fwbr101i0' },
  veth102i0: { master: 'vmbr0' },
}
const DISRUPTIONS: readonly (readonly [string, Node, Facts, string | undefined])[] = [
  ['a new bridge on a free port', netNode([HOME, vmbr1()]), HOST, undefined],
  ["the operator's own bridge", netNode([{ ...HOME, mtu: 9000 }]), HOST, 'bridge vmbr0, your own path to alpha'],
  [
    '… with guests',
    netNode([{ ...HOME, mtu: 9000 }]),
    { ...HOST, links: links(GUESTS) },
    'bridge vmbr0 (3 guests), your own path to alpha',
  ],
  [
    'a bridge beside it',
    netNode([HOME, vmbr1({ port: 'eno3' })]),
    {
      ...HOST,
      file: `${FILE}\nauto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno2\n`,
      links: links({ vmbr1: {}, tap7i0: { master: 'vmbr1' } }),
    },
    'bridge vmbr1 (1 guest)',
  ],
  [
    "the operator's address on a VLAN of the bridge",
    { ...VLANS, address: '10.0.20.5' },
    { ...HOST, links: links({ vmbr0: {} }) },
    'bridge vmbr0, your own path to alpha',
  ],
]

describe('parts/net/interfaces: what a change interrupts', () => {
  for (const [what, node, facts, want] of DISRUPTIONS) it(what, () => assert.equal(disrupts(node, facts), want))
})

const TWO = netNode([HOME, vmbr1({ vlanAware: true, addresses: addressed('10.1.0.1/24') })])
const changed = (changes: Partial<Facts> = {}): Facts => ({
  ...HOST,
  file: text(TWO, HOST),
  links: links({ eno2: { master: 'vmbr1' }, vmbr1: { vlanFiltering: true } }),
  addresses: { ...HOST.addresses, vmbr1: ['10.1.0.1/24'] },
  ...changes,
})
const up = (name: string, fact: NonNullable<Facts['links']>[string]) =>
  changed({ links: { ...changed().links, [name]: fact } })
const DRIFTS: readonly (readonly [string, Facts, readonly string[]])[] = [
  ['all in force', changed(), []],
  ['the file is not there yet', HOST, []],
  [
    'a bridge that is not there',
    changed({ links: links({}) }),
    ['vmbr1: not there -> up', 'vmbr1 address: missing -> 10.1.0.1/24'].slice(0, 1),
  ],
  ['a bridge that is down', up('vmbr1', { state: 'down', vlanFiltering: true }), ['vmbr1: down -> up']],
  ['a bridge without a cable', up('vmbr1', { state: 'dead', vlanFiltering: true }), []],
  ['a port taken out', up('eno2', {}), ['port eno2: nowhere -> vmbr1']],
  [
    'a port in another bridge',
    up('eno2', { master: 'vmbr0' }),
    ['port eno2: vmbr0 -> nowhere', 'port eno2: vmbr0 -> vmbr1'],
  ],
  ['a port too many', up('eno3', { master: 'vmbr1' }), ['port eno3: vmbr1 -> nowhere']],
  ["a guest's port", up('tap9i0', { kind: 'tun', master: 'vmbr1' }), []],
  ['no VLAN filtering', up('vmbr1', {}), ['vmbr1 VLAN filtering: off -> on']],
  ['an address taken away', changed({ addresses: HOST.addresses ?? {} }), ['vmbr1 address: missing -> 10.1.0.1/24']],
  [
    'an address that moved, and a floating one',
    changed({
      addresses: { ...changed().addresses, vmbr1: ['10.1.0.1/24', '192.168.1.10/24', '10.1.0.9/24', 'fe80::5/64'] },
    }),
    ['vmbr1 address: 192.168.1.10/24 -> none'],
  ],
  ['no default route', changed({ routes: [] }), ['default route: none -> 192.168.1.1 on vmbr0']],
  [
    'another default route',
    changed({ routes: ['default via 10.1.0.2 dev vmbr1'] }),
    ['default route: 10.1.0.2 on vmbr1 -> 192.168.1.1 on vmbr0'],
  ],
]

describe('parts/net/interfaces: what is not in force', () => {
  for (const [what, facts, want] of DRIFTS) it(what, () => assert.deepEqual(drift(TWO, facts), want))
})

describe('parts/net/interfaces: what does not stand', () => {
  const worse = (node: Node, before: Facts, now: Facts) => fileSet(node).prove?.(seenOf(before), seenOf(now))

  it('is content with what is in force', () => assert.deepEqual(worse(TWO, HOST, changed()), []))

  it('says what is not in force', () => {
    assert.deepEqual(worse(TWO, HOST, up('eno2', {})), ['port eno2 is nowhere and not vmbr1'])
  })

  it('misses the ports of guests, but not those of guests that have gone', () => {
    const before = {
      ...HOST,
      links: links({
        tap100i0: { master: 'vmbr0' },
        veth101i0: { master: 'vmbr0' },
        fwln102i0: { master: 'fwbr102i0' },
      }),
    }
    const now = changed({ links: { ...changed().links, tap100i0: {}, fwln102i0: { master: 'vmbr0' } } })
    assert.deepEqual(worse(TWO, before, now), [
      'the guest port tap100i0 is no longer on vmbr0',
      'the guest port fwln102i0 is no longer on fwbr102i0 but on vmbr0',
    ])
  })

  const other = netNode([{ ...HOME, addresses: addressed('192.168.1.10/24', '192.168.1.99') }])
  const silent = { ...HOST, file: text(other, HOST), routes: ['default via 192.168.1.99 dev vmbr0'] }
  it('sees a wrong gateway by its silence', () => {
    const want = ['the gateway 192.168.1.99 does not answer on vmbr0']
    assert.deepEqual(worse(other, HOST, silent), want)
    assert.deepEqual(worse(other, HOST, { ...silent, neighbours: ['192.168.1.99 FAILED'] }), want)
    assert.deepEqual(worse(other, HOST, { ...silent, neighbours: ['192.168.1.99 STALE'] }), [])
  })

  it('takes an answer on another interface for none', () => {
    const want = ['the gateway 192.168.1.99 does not answer on vmbr0']
    assert.deepEqual(worse(other, HOST, { ...silent, neighbours: ['192.168.1.99 REACHABLE vmbr1'] }), want)
  })

  it('does not blame a gateway that was as silent before', () => {
    assert.deepEqual(worse(TWO, { ...HOST, neighbours: [] }, changed({ neighbours: [] })), [])
    assert.deepEqual(worse(TWO, HOST, changed({ neighbours: [] })), [
      'the gateway 192.168.1.1 does not answer on vmbr0',
    ])
  })
})
