// The networks of a site do not overlap; gateways and DHCP ranges lie in them.
import assert from 'node:assert/strict'
import { networks } from '../../../src/site/rules/network.ts'
import type { Site } from '../../../src/site/site.ts'
import { network, site, told } from '../site-builder.ts'

const of = (...parts: Parameters<typeof network>[1][]): Partial<Site> => ({
  networks: parts.map((each, index) => network(`n${index}`, each)),
})

describe('networks', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent for neighbours', of({ ipv4: '10.0.0.0/24' }, { ipv4: '10.0.1.0/24' }), []],
    ['is silent across families', of({ ipv4: '0.0.0.0/0' }, { ipv6: '::/0' }), []],
    [
      'tells the later of two that overlap',
      of({ ipv4: '10.0.1.0/24' }, { ipv4: '10.0.0.0/16' }),
      ['error networks.n1.ipv4: 10.0.0.0/16 overlaps 10.0.1.0/24 (network n0)'],
    ],
    [
      'tells equal ones, IPv6',
      of({ ipv6: 'fd00::/64' }, { ipv6: 'fd00::/64' }),
      ['error networks.n1.ipv6: fd00::/64 overlaps fd00::/64 (network n0)'],
    ],
    [
      'tells each network inside a wide one, also after a small one',
      of({ ipv4: '10.0.0.0/8' }, { ipv4: '10.1.0.0/24' }, { ipv4: '10.2.0.0/24' }),
      [1, 2].map((index) => `error networks.n${index}.ipv4: 10.${index}.0.0/24 overlaps 10.0.0.0/8 (network n0)`),
    ],
    [
      'the gateway lies in the network',
      of({ ipv4: '10.0.0.0/24', gateway: '10.0.1.1' }, { ipv6: 'fd00::/64', gateway6: 'fd01::1' }),
      [
        'error networks.n0.gateway: 10.0.1.1 is not in 10.0.0.0/24 (network n0)',
        'error networks.n1.gateway6: fd01::1 is not in fd00::/64 (network n1)',
      ],
    ],
    ['a link-local gateway is everywhere', of({ ipv6: 'fd00::/64', gateway6: 'fe80::1' }), []],
    [
      'a gateway without a network',
      of({ gateway: '10.0.1.1' }),
      ['error networks.n0.gateway: 10.0.1.1 has no network of its family here (network n0)'],
    ],
    [
      'a DHCP range lies in the network, without its broadcast address',
      of(
        { ipv4: '10.0.0.0/24', dhcp: { first: '10.0.0.100', last: '10.0.1.9' } },
        { ipv4: '10.1.0.0/24', dhcp: { first: '10.1.0.100', last: '10.1.0.255' } },
        { dhcp: { first: '10.2.0.100', last: '10.2.0.255' } },
      ),
      [
        'error networks.n0.dhcp: 10.0.1.9 is not in 10.0.0.0/24 (network n0)',
        'error networks.n1.dhcp: 10.1.0.255 is the broadcast address of 10.1.0.0/24 (network n1), not a host',
        'error networks.n2.dhcp: network n2 has DHCP and no IPv4 network',
      ],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(networks(site(parts))), want))
})
