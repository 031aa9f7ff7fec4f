// Warnings about networks that BGP leads through the router, and its firewall does not.
import assert from 'node:assert/strict'
import { bgpTransit } from '../../../src/site/rules/bgp-transit.ts'
import type { BgpPeer, FirewallRule } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, network, peer, site, told, vm } from '../site-builder.ts'

const rule = (from: string[], to: string[], tcp: string[] = []): FirewallRule => ({
  from,
  to,
  tcp,
  udp: [],
  icmp: false,
})
const six = (address: string) => ({ ipv6: { cidr: `${address}/64` } })
const WAN = peer('transit-a', { address: '2001:db8:a::1' })
const WAN2 = peer('transit-b', { address: '2001:db8:b::1' })
const IX = peer('ix-bravo', { address: '2001:db8:c::1', relation: 'peer' })
const CUST = peer('cust-one', { address: '2001:db8:d::1', relation: 'customer' })
const FOUR = peer('four', { address: '198.51.100.1' })
const ALL = [WAN, WAN2, IX, CUST]

const border = (allow: readonly FirewallRule[], peers: readonly BgpPeer[] = ALL, masquerade: string[] = []): Site =>
  site({
    networks: ['wan', 'wan2', 'ix', 'cust', 'lan', 'dmz', 'old', 'four'].map((name) =>
      network(name, name === 'old' ? { ipv4: '10.0.0.0/24' } : {}),
    ),
    guests: [
      vm('router', 200, {
        wan: six('2001:db8:a::2'),
        wan2: six('2001:db8:b::2'),
        ix: six('2001:db8:c::2'),
        cust: six('2001:db8:d::2'),
        lan: six('2602:f674::1'),
        dmz: six('2602:f674:0:1::1'),
        old: '10.0.0.1/24',
        four: '198.51.100.2/24',
      }),
    ],
    firewall: { router: 'router', allow, masquerade },
    bgp: bgp(peers, { announce: ['2602:f674::/48'] }),
  })
const INSIDE = ['lan', 'dmz']
const OUT = ['wan', 'wan2', 'ix']

describe('bgp-transit', () => {
  const rows: [string, Site, string[]][] = [
    ['all ways are open', border([rule([...INSIDE, 'cust'], OUT), rule(OUT, ['cust'])]), []],
    [
      'nothing for the exchange, nothing for the customer',
      border([rule(INSIDE, ['wan', 'wan2'])]),
      [
        'warning bgp.peers.ix-bravo: is a peer, and no rule of the firewall lets anything out there: add { from: [lan, dmz], to: ix }',
        'warning bgp.peers.cust-one: is a customer, and no rule of the firewall lets its packets out: add { from: cust, to: [wan, wan2, ix] }',
        'warning bgp.peers.cust-one: is a customer, and no rule of the firewall lets packets in to it: add { from: [wan, wan2, ix], to: cust }',
      ],
    ],
    [
      'one of several may not leave by the second provider',
      border([rule(INSIDE, ['wan']), rule(['dmz'], ['wan2'])], [WAN, WAN2]),
      [
        'warning bgp.peers.transit-b: BGP may lead lan by it, and no rule of the firewall lets that out there: add { from: lan, to: wan2 }',
      ],
    ],
    [
      'a customer has one way of two',
      border([rule(INSIDE, ['wan', 'wan2']), rule(['cust'], ['wan']), rule(['wan2'], ['cust'])], [WAN, WAN2, CUST]),
      [
        'warning bgp.peers.cust-one: is a customer, and no rule of the firewall lets its packets out to wan2: add { from: cust, to: wan2 }',
        'warning bgp.peers.cust-one: is a customer, and no rule of the firewall lets packets in to it from wan: add { from: wan, to: cust }',
      ],
    ],
    [
      'nobody goes out at all',
      border([], [WAN]),
      [
        'warning bgp.peers.transit-a: is a provider, and no rule of the firewall lets anything out there: add { from: [lan, dmz], to: wan }',
      ],
    ],
    ['a network that is kept in on purpose', border([rule(['lan'], ['wan', 'wan2'])], [WAN, WAN2]), []],
    ['some ports are enough', border([rule(['lan'], ['wan'], ['443'])], [WAN]), []],
    ['guests alone go out', border([rule(['web'], ['wan'])], [WAN]), []],
    [
      'two sessions in one network',
      border([rule(['lan'], ['wan'])], [WAN, peer('other', { address: '2001:db8:a::9' })]),
      [],
    ],
    [
      'a peer of the other family leads nobody’s packets',
      border([rule(['lan', 'old'], ['wan']), rule(['lan'], ['wan2'])], [WAN, WAN2]),
      [],
    ],
    [
      'providers that only lead to each other',
      border([rule(['wan2'], ['wan'])], [WAN, WAN2]),
      [
        'warning bgp.peers.transit-a: is a provider, and no rule of the firewall lets anything out there: add { from: [lan, dmz], to: wan }',
        'warning bgp.peers.transit-b: is a provider, and no rule of the firewall lets anything out there: add { from: [lan, dmz], to: wan2 }',
      ],
    ],
    [
      'private addresses go out by a masquerade',
      border([], [FOUR], ['four']),
      [
        'warning bgp.peers.four: is a provider, and no rule of the firewall lets anything out there: add { from: old, to: four }',
      ],
    ],
    ['… and by nothing else', border([], [FOUR]), []],
    ['each family has its ways', border([rule(['dmz'], ['wan']), rule(['lan'], ['four'])], [WAN, FOUR], ['four']), []],
    [
      'what is masqueraded is not inside',
      border([], [WAN], ['dmz']),
      [
        'warning bgp.peers.transit-a: is a provider, and no rule of the firewall lets anything out there: add { from: lan, to: wan }',
      ],
    ],
    ['a peer far away', border([], [peer('far', { address: '2001:db8:f::1', multihop: 2 })]), []],
    ['another of our own', border([], [peer('own', { address: '2602:f674::9', relation: 'internal' })]), []],
    ['no firewall', { ...border([]), firewall: { router: 'other', allow: [], masquerade: [] } }, []],
    ['no BGP', site(), []],
  ]
  for (const [title, given, want] of rows) it(title, () => assert.deepEqual(told(bgpTransit(given)), want))
})
