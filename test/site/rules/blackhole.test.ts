// Only addresses of our own are given up.
import assert from 'node:assert/strict'
import { blackholes } from '../../../src/site/rules/blackhole.ts'
import { bgp, peer, site, told } from '../site-builder.ts'

const giving = (blackhole: string[], offers = true) =>
  site({
    bgp: bgp([peer('up', { blackhole: offers })], { announce: ['2602:f674::/48', '203.0.113.0/24'], blackhole }),
  })

describe('blackhole', () => {
  const rows: [string, ReturnType<typeof giving>, string[]][] = [
    ['none', giving([], false), []],
    ['addresses, and any part of what is announced', giving(['2602:f674::1/128', '203.0.113.128/25']), []],
    [
      'of somebody else',
      giving(['2602:f675::1/128']),
      ['error bgp.blackhole.0: 2602:f675::1/128 is in no prefix of bgp.announce: only our own can be given up'],
    ],
    [
      'wider than what is announced',
      giving(['2602:f674::1/128', '203.0.112.0/23']),
      ['error bgp.blackhole.1: 203.0.112.0/23 is in no prefix of bgp.announce: only our own can be given up'],
    ],
    [
      'all of it',
      giving(['203.0.113.0/24', '2602:f674::/48']),
      [
        'error bgp.blackhole.0: 203.0.113.0/24 is announced as a whole: give up the addresses under attack, such as a /32',
        'error bgp.blackhole.1: 2602:f674::/48 is announced as a whole: give up the addresses under attack, such as a /128',
      ],
    ],
    [
      'where nobody offers it',
      giving(['203.0.113.1/32'], false),
      ['warning bgp.blackhole: no peer drops these: say blackhole: true where the provider offers it'],
    ],
  ]
  for (const [title, given, want] of rows) it(title, () => assert.deepEqual(told(blackholes(given)), want))
})
