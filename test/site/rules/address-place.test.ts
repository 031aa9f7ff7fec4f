// An address lies in its network, and is a host's.
import assert from 'node:assert/strict'
import { addressPlace } from '../../../src/site/rules/address-place.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, network, node, peer, site, told, vm } from '../site-builder.ts'

const networks = [
  network('lan', { ipv4: '192.168.100.0/24', ipv6: 'fd00:0:0:1::/64' }),
  network('wan', { ipv6: '2602:f674::/64' }),
]
const transit = { wan: { ipv6: { cidr: '2001:db8:6939::2/64' } } }

describe('addressPlace', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent in the network', { networks, guests: [vm('a', 100, { lan: '192.168.100.1/24' })] }, []],
    [
      'tells the address and the network',
      { networks, guests: [vm('router', 100, { lan: '192.168.101.1/24' })] },
      ['error guests.router.nics.lan: 192.168.101.1 is not in 192.168.100.0/24 (network lan)'],
    ],
    [
      'stands at the group of a range of guests',
      { networks, guests: [vm('w-1', 100, { lan: '192.168.101.1/24' }, { group: 'w' })] },
      ['error guests.w.nics.lan: 192.168.101.1 is not in 192.168.100.0/24 (network lan)'],
    ],
    [
      'refuses the network and the broadcast address',
      { networks, guests: [vm('a', 100, { lan: '192.168.100.0/24' }), vm('b', 101, { lan: '192.168.100.255/24' })] },
      [
        'error guests.a.nics.lan: 192.168.100.0 is the network itself of 192.168.100.0/24 (network lan), not a host',
        'error guests.b.nics.lan: 192.168.100.255 is the broadcast address of 192.168.100.0/24 (network lan), not a host',
      ],
    ],
    [
      'checks IPv6 too',
      { networks, guests: [vm('a', 100, { lan: { ipv6: { cidr: 'fd00:0:0:2::5/64' } } })] },
      ['error guests.a.nics.lan: fd00:0:0:2::5 is not in fd00:0:0:1::/64 (network lan)'],
    ],
    [
      'a transit address holds a BGP peer of the router',
      { networks, guests: [vm('router', 100, transit)], bgp: bgp([peer('up', { address: '2001:db8:6939::1' })]) },
      [],
    ],
    [
      'the way out of the firewall’s router is not ours',
      {
        networks,
        guests: [vm('router', 100, transit), vm('web', 101, { wan: { ipv6: { cidr: '2001:db8:6939::3/64' } } })],
        firewall: { router: 'router', allow: [], masquerade: ['wan'] },
      },
      ['error guests.web.nics.wan: 2001:db8:6939::3 is not in 2602:f674::/64 (network wan)'],
    ],
    [
      'for another guest the same address is a mistake',
      { networks, guests: [vm('web', 100, transit)], bgp: bgp([peer('up', { address: '2001:db8:6939::1' })]) },
      ['error guests.web.nics.wan: 2001:db8:6939::2 is not in 2602:f674::/64 (network wan)'],
    ],
    [
      'a gateway in reach of the wrong address does not make it right',
      { networks, guests: [vm('a', 100, { lan: { ipv4: { cidr: '203.0.113.5/29', gateway: '203.0.113.1' } } })] },
      ['error guests.a.nics.lan: 203.0.113.5 is not in 192.168.100.0/24 (network lan)'],
    ],
    [
      'nor does a short prefix that holds the network’s',
      { networks, guests: [vm('a', 100, { lan: { ipv4: { cidr: '192.168.101.5/16', gateway: '192.168.100.1' } } })] },
      ['error guests.a.nics.lan: 192.168.101.5 is not in 192.168.100.0/24 (network lan)'],
    ],
    ['a network without that family asks nothing', { networks, guests: [vm('a', 100, { wan: '203.0.113.5/24' })] }, []],
    [
      'nodes: address in its network, of a family it has',
      {
        networks,
        nodes: [
          node('a', { addresses: { lan: ['192.168.1.9', '192.168.100.9'] } }),
          node('b', { addresses: { wan: ['192.168.1.8'] } }),
          node('c', { address: '192.168.100.255', addresses: { lan: ['192.168.100.255'] } }),
        ],
      },
      [
        'error nodes.a.addresses.lan: 192.168.1.9 is not in 192.168.100.0/24 (network lan)',
        'error nodes.b.addresses.wan: 192.168.1.8: network wan has no IPv4 network',
        'error nodes.c.address: 192.168.100.255 is the broadcast address of 192.168.100.0/24 (network lan), not a host',
      ],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(addressPlace(site(parts))), want))
})
