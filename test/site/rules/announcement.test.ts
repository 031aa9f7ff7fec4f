// An IPv6 network lies inside an announced prefix.
import assert from 'node:assert/strict'
import { announcement } from '../../../src/site/rules/announcement.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, network, peer, site, told } from '../site-builder.ts'

const announcing = (...announce: string[]) => bgp([peer('up', { address: '2001:db8::1' })], { announce })

describe('announcement', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    [
      'is silent inside',
      { networks: [network('lan', { ipv6: '2602:f674:0:1000::/64' })], bgp: announcing('2602:f674::/48') },
      [],
    ],
    [
      'tells what is outside',
      { networks: [network('lan', { ipv6: '2602:f674:1000::/64' })], bgp: announcing('2602:f674::/48') },
      ['error networks.lan.ipv6: 2602:f674:1000::/64 is not inside an announced prefix (2602:f674::/48)'],
    ],
    [
      'a network wider than what is announced is outside',
      { networks: [network('lan', { ipv6: '2602:f674::/32' })], bgp: announcing('2602:f674::/48') },
      ['error networks.lan.ipv6: 2602:f674::/32 is not inside an announced prefix (2602:f674::/48)'],
    ],
    [
      'one of several prefixes is enough',
      {
        networks: [network('lan', { ipv6: '2602:f675:0:1::/64' })],
        bgp: announcing('2602:f674::/48', '2602:f675::/48'),
      },
      [],
    ],
    [
      'local addresses are never announced',
      { networks: [network('lan', { ipv6: 'fd00::/64' })], bgp: announcing('2602:f674::/48') },
      [],
    ],
    [
      'the transit network is the provider’s',
      { networks: [network('wan', { ipv6: '2001:db8::/64' })], bgp: announcing('2602:f674::/48') },
      [],
    ],
    ...[undefined, announcing(), announcing('203.0.113.0/24')].map((speaker): [string, Partial<Site>, string[]] => [
      `is a warning where no IPv6 is announced (${speaker?.announce ?? 'no BGP'})`,
      { networks: [network('lan', { ipv6: '2602:f674:1000::/64' })], ...(speaker && { bgp: speaker }) },
      ['warning networks.lan.ipv6: 2602:f674:1000::/64 is global, and nothing is announced that holds it'],
    ]),
    [
      'what is announced is short enough, and public',
      { bgp: announcing('2602:f674::/48', '2602:f674:1::/49', '203.0.113.0/25', '10.0.0.0/16', 'fd00::/48') },
      [
        'warning bgp.announce.1: 2602:f674:1::/49 is longer than /48: most networks will not take it',
        'warning bgp.announce.2: 203.0.113.0/25 is longer than /24: most networks will not take it',
        'error bgp.announce.3: 10.0.0.0/16 is private: no provider takes it',
        'error bgp.announce.4: fd00::/48 is private: no provider takes it',
      ],
    ],
    [
      'private prefixes go to internal peers',
      { bgp: bgp([peer('core', { relation: 'internal' })], { announce: ['10.0.0.0/16'] }) },
      [],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(announcement(site(parts))), want))
})
