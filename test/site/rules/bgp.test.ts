// BGP peers can be reached, have a fitting AS number, and are who their name says.
import assert from 'node:assert/strict'
import { bgp as rule, specialAsn } from '../../../src/site/rules/bgp.ts'
import type { Bgp } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, gateway, mesh, network, node, peer, site, told, vm } from '../site-builder.ts'

const router = vm('router', 200, { wan: '10.0.0.2/24' })
const speaking = (peers: Bgp['peers'], parts: Partial<Bgp> = {}): Partial<Site> => ({
  networks: [
    network('wan', { ipv4: '10.0.0.0/24', ipv6: '2602:f674::/64' }),
    network('lan', { ipv4: '192.168.0.0/24' }),
  ],
  guests: [router],
  bgp: bgp(peers, parts),
})
const one = (parts: Parameters<typeof peer>[1], name = 'up') => speaking([peer(name, parts)])

describe('bgp', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent in the network of a NIC', one({ address: '10.0.0.9' }), []],
    ['… and in its IPv6 network', one({ address: '2602:f674::1' }), []],
    [
      'a peer in a network that the router is not in',
      one({ address: '192.168.0.9' }),
      ['error bgp.peers.up.address: 192.168.0.9 is in no network of guests.router: give it one there, or set multihop'],
    ],
    ['multihop reaches it', one({ address: '192.168.0.9', multihop: 2 }), []],
    [
      'multihop of one does not',
      one({ address: '192.168.0.9', multihop: 1 }),
      ['error bgp.peers.up.address: 192.168.0.9 is in no network of guests.router: give it one there, or set multihop'],
    ],
    ['link-local is beside', one({ address: 'fe80::1' }), []],
    [
      'the prefix of the NIC itself counts',
      {
        ...one({ address: '2001:db8:6939::1' }),
        guests: [vm('router', 200, { wan: { ipv6: { cidr: '2001:db8:6939::2/64' } } })],
      },
      [],
    ],
    [
      'what DHCP will give is not known',
      { ...one({ address: '203.0.113.1' }), networks: [network('wan')], guests: [vm('router', 200, { wan: 'dhcp' })] },
      [],
    ],
    [
      'the mesh is a network of its gateways',
      { ...one({ address: '10.99.0.7' }), mesh: mesh([gateway('router', '10.99.0.1')]) },
      [],
    ],
    [
      'the router itself, and an address twice',
      speaking([peer('me', { address: '10.0.0.2' }), peer('a'), peer('b')]),
      [
        'error bgp.peers.me.address: 10.0.0.2 is an address of guests.router itself',
        'error bgp.peers.b.address: 10.0.0.9 is taken by bgp.peers.a',
      ],
    ],
    [
      'a node may be the router',
      { ...one({ address: '192.168.0.9' }), guests: [], nodes: [node('router', { addresses: { wan: ['10.0.0.2'] } })] },
      ['error bgp.peers.up.address: 192.168.0.9 is in no network of nodes.router: give it one there, or set multihop'],
    ],
    [
      'localAddress is of the peer’s family',
      one({ localAddress: '2602:f674::2' }),
      ['error bgp.peers.up.localAddress: 2602:f674::2 and 10.0.0.9 are not of one family'],
    ],
    [
      'a private AS toward a provider',
      one({ asn: 64512 }),
      ['error bgp.peers.up.asn: AS64512 is private, and up is a provider'],
    ],
    [
      'a reserved AS toward a provider',
      one({ asn: 64496 }),
      ['error bgp.peers.up.asn: AS64496 is reserved, and up is a provider'],
    ],
    ['a private AS for a customer', one({ asn: 4_200_000_000, relation: 'customer' }), []],
    [
      'an AS of nobody',
      one({ asn: 65535, relation: 'customer' }),
      ['error bgp.peers.up.asn: AS65535 is reserved: no router may have it'],
    ],
    [
      'our own private AS toward a provider',
      speaking([peer('up')], { asn: 65000 }),
      ['error bgp.asn: AS65000 is private, and bgp.peers.up is a provider'],
    ],
    [
      'our own AS of nobody',
      speaking([], { asn: 23456 }),
      ['error bgp.asn: AS23456 is reserved: no router may have it'],
    ],
    ['internal: the same AS', one({ asn: 394955, relation: 'internal' }), []],
    [
      'internal: another AS',
      one({ asn: 6939, relation: 'internal' }),
      ['error bgp.peers.up.asn: AS6939 is not our own AS394955, and up is internal'],
    ],
    [
      'external: our own AS',
      one({ asn: 394955 }),
      ['error bgp.peers.up.asn: AS394955 is our own: the relation of up is internal'],
    ],
    [
      'a peer named after somebody else',
      one({}, 'telus'),
      ['warning bgp.peers.telus.asn: AS6939 is Hurricane Electric, not Telus'],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(rule(site(parts))), want))
})

describe('specialAsn', () => {
  const rows: [number, ReturnType<typeof specialAsn>][] = [
    [0, 'reserved'],
    [1, undefined],
    [23456, 'reserved'],
    [64495, undefined],
    [64496, 'reserved'],
    [64511, 'reserved'],
    [64512, 'private'],
    [65534, 'private'],
    [65535, 'reserved'],
    [65551, 'reserved'],
    [131071, 'reserved'],
    [131072, undefined],
    [394955, undefined],
    [4_199_999_999, undefined],
    [4_200_000_000, 'private'],
    [4_294_967_294, 'private'],
    [4_294_967_295, 'reserved'],
  ]
  for (const [asn, want] of rows) it(`AS${asn}: ${want ?? 'public'}`, () => assert.equal(specialAsn(asn), want))
})
