// BGP in the site file: what each key takes. Names and sets become configuration: nothing else may be in them.
import assert from 'node:assert/strict'
import { bgp } from '../../../src/site/schema/bgp.ts'

const SPEAKER = { router: 'gw', asn: 65000, routerId: '192.0.2.1' }
const PEER = { asn: 3356, address: '192.0.2.9', relation: 'peer' }
const takes = (keys: object) => bgp.safeParse({ ...SPEAKER, ...keys }).success
const takesPeer = (keys: object, name = 'a') => takes({ peers: { [name]: { ...PEER, ...keys } } })

const HOSTILE = ['', ' ', 'a b', 'a;b', 'a"b', "a'b", 'a\nb', 'a#b', 'a{b', 'a/*b', '../a', '-a', 'a`b`', '$(a)', 'ä']

describe('schema/bgp', () => {
  const names: [string, boolean][] = [
    ['up', true],
    ['he-via-telus', true],
    ['4', true],
    ['a'.repeat(40), true],
    ['a'.repeat(41), false],
    ['Up', false],
    ['a_b', false], // with a-b it would be one symbol of BIRD
    ['a.b', false],
    ['a-', false],
    ...HOSTILE.map((name): [string, boolean] => [name, false]),
  ]
  for (const [name, want] of names)
    it(`a peer called ${JSON.stringify(name)}: ${want ? 'yes' : 'no'}`, () => assert.equal(takesPeer({}, name), want))

  const rows: [string, readonly unknown[], readonly unknown[]][] = [
    [
      'asSet',
      ['AS-EXAMPLE', 'as-x_y-1', 'AS64500:AS-CUSTOMERS', 'AS-A:AS64500', 'AS-A:AS-B:AS-C', 'AS64500'],
      [
        'FOO',
        'AS-',
        'AS-A-',
        'AS-A:',
        ':AS-A',
        'AS64500:AS64501',
        'AS0',
        'AS4294967296',
        'AS01:AS-A',
        'RIPE::AS-A',
        64500,
        ...HOSTILE.map((text) => `AS-${text}`),
      ],
    ],
    ['prefixes', ['198.51.100.0/24', ['2001:db8::/32'], []], ['198.51.100.1/24', '198.51.100.1', 'AS-A', ['x']]],
    ['prepend', [0, 10], [-1, 11, 1.5, '1']],
    ['localPreference', [0, 4294967295], [-1, 4294967296, '100']],
    ['authentication', ['md5', 'tcp-ao'], ['sha1', true]],
    ['multihop', [1, 255], [0, 256]],
    ...(['ttlSecurity', 'bfd', 'requireRole', 'blackhole', 'defaultRoute'] as const).map(
      (key): [string, readonly unknown[], readonly unknown[]] => [key, [true, false], ['yes', 1, null]],
    ),
  ]
  for (const [key, good, bad] of rows) {
    for (const value of good) it(`${key} takes ${JSON.stringify(value)}`, () => assert.ok(takesPeer({ [key]: value })))
    for (const value of bad)
      it(`${key} refuses ${JSON.stringify(value)}`, () => assert.ok(!takesPeer({ [key]: value })))
  }

  const own: [string, readonly unknown[], readonly unknown[]][] = [
    ['announce', ['2602:f674::/48', ['203.0.113.0/24']], ['2602:f674::1/48', '203.0.113.0', '203.0.113.0/33']],
    ['blackhole', ['203.0.113.9', '2602:f674::1', '203.0.113.0/28'], ['203.0.113.9/24', 'all']],
    [
      'rpki',
      [false, {}, { caches: [] }, { caches: ['rtr.example.net:323', { address: '::1', port: 8282 }] }],
      [
        true,
        'local',
        { caches: ['::1'] },
        { caches: ['a'] },
        { caches: ['a:0'] },
        { caches: ['a:70000'] },
        { caches: ['a b:1'] },
        { caches: ['a";:1'] },
        { caches: [{ port: 1 }] },
      ],
    ],
    [
      'irr',
      [{}, { sources: ['RIPE', 'ARIN-NONAUTH'] }],
      [{ sources: ['a b'] }, { sources: ['-S'] }, { sources: ['RIPE,ARIN'] }, { server: '-h' }],
    ],
  ]
  for (const [key, good, bad] of own) {
    for (const value of good) it(`${key} takes ${JSON.stringify(value)}`, () => assert.ok(takes({ [key]: value })))
    for (const value of bad) it(`${key} refuses ${JSON.stringify(value)}`, () => assert.ok(!takes({ [key]: value })))
  }
})
