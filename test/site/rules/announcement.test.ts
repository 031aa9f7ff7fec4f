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
      'a default route, or what no network can hold, is nothing to announce',
      { bgp: announcing('0.0.0.0/0', '44.0.0.0/7', '::/0', '2000::/3', '2600::/15', '2602::/16', '44.0.0.0/8') },
      [
        'error bgp.announce.0: 0.0.0.0/0 is wider than any network is (/8): write the prefix that is yours',
        'error bgp.announce.1: 44.0.0.0/7 is wider than any network is (/8): write the prefix that is yours',
        'error bgp.announce.2: ::/0 is wider than any network is (/16): write the prefix that is yours',
        'error bgp.announce.3: 2000::/3 is wider than any network is (/16): write the prefix that is yours',
        'error bgp.announce.4: 2600::/15 is wider than any network is (/16): write the prefix that is yours',
      ],
    ],
    [
      'addresses that are no network’s are nothing to announce',
      { bgp: announcing('127.0.0.0/16', '169.254.0.0/16', '224.1.0.0/16', '250.0.0.0/8', 'ff0e::/32', '4000::/32') },
      [
        'error bgp.announce.0: 127.0.0.0/16 is nobody’s: no provider takes it',
        'error bgp.announce.1: 169.254.0.0/16 is nobody’s: no provider takes it',
        'error bgp.announce.2: 224.1.0.0/16 is nobody’s: no provider takes it',
        'error bgp.announce.3: 250.0.0.0/8 is nobody’s: no provider takes it',
        'error bgp.announce.4: ff0e::/32 is nobody’s: no provider takes it',
        'error bgp.announce.5: 4000::/32 is nobody’s: no provider takes it',
      ],
    ],
    [
      'a default route is nothing to announce to internal peers, either',
      { bgp: bgp([peer('core', { relation: 'internal' })], { announce: ['::/0'] }) },
      ['error bgp.announce.0: ::/0 is wider than any network is (/16): write the prefix that is yours'],
    ],
    [
      'private prefixes go to internal peers',
      { bgp: bgp([peer('core', { relation: 'internal' })], { announce: ['10.0.0.0/16'] }) },
      [],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(announcement(site(parts))), want))
})
