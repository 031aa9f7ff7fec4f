// All rules together: contradictions of a whole site, nothing twice, nothing thrown, and time that grows linearly.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { guestIpv6 } from '../../../src/site/addressing.ts'
import { checkSite } from '../../../src/site/rules/rules.ts'
import { withBridges } from '../../../src/site/shape/bridges.ts'
import type { Guest, Network, Site } from '../../../src/site/site.ts'
import {
  bgp,
  cluster,
  ct,
  device,
  gateway,
  mesh,
  network,
  node,
  peer,
  site,
  storage,
  told,
  vm,
} from '../site-builder.ts'

const LAN6 = '2602:f674:1000::/64'
const lan = (ipv4: string) => ({
  lan: { ipv4: { cidr: `${ipv4}/24` }, ipv6: { cidr: `${guestIpv6(LAN6, ipv4, 0)}/64` } },
})

/** ORION as its source wrote it. */
const asWritten = site({
  nodes: [
    node('r730', {
      address: '192.168.1.100',
      bmc: '192.168.1.100',
      ports: { wan: 'eno1', lan: 'eno2', management: 'eno4' },
      addresses: { management: ['192.168.1.100'] },
      hardware: { threads: 56, memoryMib: 384 * 1024 },
    }),
  ],
  networks: [
    network('wan', { bridge: 'vmbr0', ipv6: '2602:f674::/64' }),
    network('lan', { bridge: 'vmbr1', ipv4: '192.168.100.0/24', ipv6: LAN6 }),
    network('management', { bridge: 'vmbr3', ipv4: '192.168.1.0/24', ipv6: '2602:f674:3000::/64' }),
    network('pods', { ipv6: '2602:f674:4000::/64' }),
    network('services', { ipv6: '2602:f674:5000::/64' }),
  ],
  images: [
    { name: 'debian-13', kind: 'url', url: 'https://example.net/debian.qcow2' },
    { name: 'debian-13-ct', kind: 'template', template: 'debian-13-standard' },
  ],
  guests: [
    vm('router', 200, { wan: 'dhcp', ...lan('192.168.100.1') }, { node: 'r730', image: 'debian-13' }),
    vm('ai-coordinator', 300, lan('192.168.100.30'), { node: 'r730', image: 'debian-13' }),
    ct('open-webui', 1001, lan('192.168.100.30'), { node: 'r730', image: 'debian-13-ct' }),
  ],
  bgp: bgp([peer('telus', { address: '2602:f674::1', localAddress: '2602:f674::2' })], {
    announce: ['2602:f674::/48'],
  }),
})

describe('checkSite', () => {
  it('is silent for an empty site', () => assert.deepEqual(checkSite(site()), []))

  it('tells exactly the contradictions of ORION as its source wrote it', () => {
    const outside = (name: string, cidr: string) =>
      `error networks.${name}.ipv6: ${cidr} is not inside an announced prefix (2602:f674::/48)`
    assert.deepEqual(told(checkSite(asWritten)), [
      'error nodes.r730.bmc: 192.168.1.100 is taken by nodes.r730.address',
      'error guests.open-webui.nics.lan: 192.168.100.30 is taken by guests.ai-coordinator (network lan)',
      outside('lan', LAN6),
      outside('management', '2602:f674:3000::/64'),
      outside('pods', '2602:f674:4000::/64'),
      outside('services', '2602:f674:5000::/64'),
      'error networks.services.ipv6: 2602:f674:5000::/64 is too wide for services of K3s: /108 or longer',
      'warning bgp.peers.telus.asn: AS6939 is Hurricane Electric, not Telus',
    ])
  })

  const mistakes: [string, Partial<Site>][] = [
    ['identity', { guests: [vm('a', 100), vm('b', 100)] }],
    ['networks', { networks: [network('a', { ipv4: '10.0.0.0/8' }), network('b', { ipv4: '10.0.0.0/8' })] }],
    [
      'addressPlace',
      { networks: [network('lan', { ipv4: '10.0.0.0/24' })], guests: [vm('a', 100, { lan: '10.0.1.1/24' })] },
    ],
    ['addressUse', { nodes: [node('pve', { address: '10.0.0.1', bmc: '10.0.0.1' })] }],
    ['announcement', { networks: [network('lan', { ipv6: LAN6 })] }],
    ['kubernetesRanges', { networks: [network('services', { ipv6: 'fd00::/64' })] }],
    ['routing', { networks: [network('lan', { router: 'a' })], guests: [vm('a', 100, { lan: 'dhcp' })] }],
    ['storages', { guests: [vm('a', 100)], storage: [storage('disks', { content: ['rootdir'] })] }],
    [
      'capacity',
      {
        nodes: [node('pve', { hardware: { memoryMib: 1 } })],
        guests: [vm('a', 100, {}, { onboot: false, started: false })],
      },
    ],
    ['pinning', { guests: [vm('a', 100, {}, { affinity: 'x' })] }],
    ['devices', { devices: [device('gpu', { guest: 'a' })], guests: [ct('a', 100)] }],
    ['bgp', { bgp: bgp([peer('up', { asn: 64512, address: 'fe80::1' })]), guests: [vm('router', 100)] }],
    ['mesh', { mesh: mesh([gateway('pve', '10.98.0.1')]) }],
    ['federation', { clusters: ['test', 'two'].map((name) => cluster(name, { tier: 'command', powerGrid: 'grid' })) }],
    [
      'tiers',
      { clusters: [cluster('test', { tier: 'edge' })], nodes: [node('pve', { hardware: { memoryMib: 1024 } })] },
    ],
    [
      'keeper',
      { keeper: { shed: [], balloonIdle: [], temperature: { limitCelsius: 1, resumeCelsius: 2, sensors: [] } } },
    ],
  ]
  for (const [rule, parts] of mistakes)
    it(`asks the rule ${rule}, once`, () => assert.equal(checkSite(site(parts)).length, 1))

  it('never throws, and never says the same twice', () => {
    fc.assert(
      fc.property(anySite, (parts) => {
        const found = checkSite(parts).map((finding) => JSON.stringify(finding))
        assert.equal(new Set(found).size, found.length)
      }),
    )
  })

  // Every pair of 20,000 guests would be 200 million comparisons for each rule: far beyond the time limit of a test.
  it('stays linear where every guest collides with every other', () => {
    const guests = Array.from({ length: 20_000 }, (_, index) =>
      vm('same', 100, { lan: '10.0.0.1/8' }, { node: `n${index % 50}` }),
    )
    const nodes = Array.from({ length: 50 }, (_, index) =>
      node(`n${index}`, { hardware: { threads: 8, memoryMib: 1024 } }),
    )
    const networks = [network('lan', { ipv4: '10.0.0.0/8', dhcp: { first: '10.0.0.1', last: '10.0.0.9' } })]
    assert.ok(checkSite(site({ guests, nodes, networks })).length > 0)
  })
})

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('a', 'b', 'lan', '10.0.0.1', '10.0.0.1/24', 'fd00::1', 'fd00::/64', '0-3', '/', ''),
)
const number = fc.oneof(fc.integer(), fc.constantFrom(0, 1, 100, 6939, 64512))

const anyGuest: fc.Arbitrary<Guest> = fc
  .record({
    name: text,
    vmid: fc.nat(2 ** 30),
    node: text,
    storage: text,
    image: text,
    affinity: text,
    hookscript: text,
    cidr: text,
    cores: number,
  })
  .map(({ name, vmid, cidr, ...parts }) =>
    vm(name, vmid, { lan: { ipv4: { cidr, gateway: cidr }, ipv6: 'auto' } }, parts),
  )

const anyNetwork: fc.Arbitrary<Network> = fc
  .record({
    name: text,
    bridge: text,
    ipv4: text,
    ipv6: text,
    gateway: text,
    gateway6: text,
    router: text,
    first: text,
    last: text,
  })
  .map(({ name, first, last, ...parts }) => network(name, { ...parts, dhcp: { first, last } }))

const anySite: fc.Arbitrary<Site> = fc
  .record({
    guests: fc.array(anyGuest),
    networks: fc.array(anyNetwork),
    names: fc.array(text),
    address: text,
    asn: number,
  })
  .map(({ guests, networks, names, address, asn }) =>
    site({
      guests,
      networks,
      nodes: withBridges(
        names.map((name) =>
          node(name, {
            address,
            gateway: address,
            gateway6: address,
            bmc: address,
            addresses: { [name]: [address, ...names] },
            ports: { [name]: address },
            bonds: [{ name: address, ports: names, mode: address, hashPolicy: name, primary: name, mtu: asn }],
            swap: [{ device: name }, { file: address }],
          }),
        ),
        networks,
        guests,
      ),
      devices: names.map((name) => device(name, { node: name, guest: name, standby: names })),
      images: names.map((name) => ({ name, kind: 'volume' as const, volume: address })),
      bgp: bgp(
        names.map((name) => peer(name, { asn, address, localAddress: name })),
        { announce: names },
      ),
      mesh: mesh(
        names.map((name) => gateway(name, address, { routes: names })),
        { network: address, hub: address },
      ),
      firewall: {
        router: address,
        allow: [{ from: names, to: names, tcp: [], udp: [], icmp: true }],
        masquerade: names,
      },
      keeper: { shed: names, balloonIdle: names },
    }),
  )
