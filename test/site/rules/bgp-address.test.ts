// A BGP peer can be reached from an address that the router has.
import assert from 'node:assert/strict'
import { bgpAddresses } from '../../../src/site/rules/bgp-address.ts'
import type { Bgp } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, gateway, mesh, network, node, peer, site, told, vm } from '../site-builder.ts'

const router = vm('router', 200, { wan: '10.0.0.2/24' })
const speaking = (peers: Bgp['peers']): Partial<Site> => ({
  networks: [
    network('wan', { ipv4: '10.0.0.0/24', ipv6: '2602:f674::/64' }),
    network('lan', { ipv4: '192.168.0.0/24' }),
  ],
  guests: [router],
  bgp: bgp(peers),
})
const one = (parts: Parameters<typeof peer>[1]) => speaking([peer('up', parts)])

describe('bgp-address', () => {
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
      'the router itself',
      one({ address: '10.0.0.2' }),
      ['error bgp.peers.up.address: 10.0.0.2 is an address of guests.router itself'],
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
    ['localAddress is one of the router', one({ localAddress: '10.0.0.2' }), []],
    [
      '… or its own in the mesh',
      { ...one({ localAddress: '10.99.0.1' }), mesh: mesh([gateway('router', '10.99.0.1')]) },
      [],
    ],
    ['… or link-local', one({ address: 'fe80::1', localAddress: 'fe80::2' }), []],
    [
      'localAddress of nobody',
      one({ localAddress: '10.0.0.3' }),
      [
        'error bgp.peers.up.localAddress: 10.0.0.3 is no address of guests.router: give it to one of its NICs, or leave it out',
      ],
    ],
    [
      '… which DHCP may give',
      { ...one({ localAddress: '10.0.0.3' }), guests: [vm('router', 200, { wan: 'dhcp' })] },
      [],
    ],
    [
      '… or a router advertisement',
      { ...one({ localAddress: '10.0.0.3' }), guests: [vm('router', 200, { wan: { ipv6: 'auto' } })] },
      [],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(bgpAddresses(site(parts))), want))
})
