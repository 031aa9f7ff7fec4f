// What a hostile upstream sends, and what must become of each: nothing here is taken from the tables that the filters are made of.
import { ORIGIN, type ReasonName } from '../../src/parts/bgp/reasons.ts'

/** Who sends it, and a network whose number is nobody's secret, as its origin. */
export const UPSTREAM = 6939
export const ORIGIN_AS = 3333
export const OURS = 394955

export interface Sent {
  readonly prefix: string
  /** As it is on the wire. */
  readonly path: readonly number[]
  /** BIRD's sets: `(65535, 0)`, `(394955, 1, 3)`. */
  readonly communities?: readonly string[]
  /** Where that is another router than the party. */
  readonly nextHop?: string
  /** `gone`: BIRD itself drops it, before a filter could count it. */
  readonly becomes: 'taken' | 'gone' | ReasonName
  /** Local preference of one that is taken, where it is not the peer's. */
  readonly preference?: number
}

const NORMAL = [UPSTREAM, ORIGIN_AS]
const taken = (prefix: string, path: readonly number[] = NORMAL, more: Partial<Sent> = {}): Sent => ({
  prefix,
  path,
  becomes: 'taken',
  ...more,
})
const refused = (becomes: ReasonName, prefixes: readonly string[], path: readonly number[] = NORMAL): Sent[] =>
  prefixes.map((prefix) => ({ prefix, path, becomes }))
/** A path with this many AS numbers. */
const long = (length: number): readonly number[] => [UPSTREAM, ...Array<number>(length - 1).fill(ORIGIN_AS)]
/** Its own prefix for each path: within 2a00:5000::/20. */
const byPath = (becomes: ReasonName, paths: readonly (readonly number[])[], from: number): Sent[] =>
  paths.flatMap((path, at) => refused(becomes, [`2a00:${(from + at).toString(16)}::/32`], path))

/** Somebody else on the wire shall carry what it draws. */
const thirdParty = (...rows: readonly (readonly [prefix: string, nextHop: string])[]): Sent[] =>
  rows.map(([prefix, nextHop]) => ({ prefix, path: NORMAL, nextHop, becomes: 'next-hop' }))

/** Communities of ours that somebody else writes, to look like a customer of ours or to be counted as refused. */
const FORGED = [`(${OURS}, 1, ${ORIGIN.customer})`, `(${OURS}, 2, 7)`, `(${OURS}, 7, 7)`]

export const GOOD6 = '2a00:1000::/32'
export const DRAINED6 = '2a00:1200::/32'
/** Valid as long as its ROA says so. */
export const VALID6 = '2a00:1300::/32'

export const HOSTILE6: readonly Sent[] = [
  taken(GOOD6),
  taken('2a00:1100::/48', [UPSTREAM, ORIGIN_AS, 8220]),
  taken('2a10::/16'),
  taken('2a00:1400::/32', long(64)),
  taken(DRAINED6, NORMAL, { communities: ['(65535, 0)'], preference: 0 }),
  taken(VALID6),
  taken('2a00:1500::/32', NORMAL, { communities: FORGED }),
  taken('2a00:1600::/32', NORMAL, { communities: ['(65535, 666)', '(3333, 42)'] }),
  ...refused('own-prefix', ['2602:f674::/48', '2602:f674:0:1000::/64', '2602:f674:0:1000::1/128', '2620:fe::/64']),
  ...refused('default-route', ['::/0']),
  ...refused('prefix-length', ['2a00:2000::/64', '2a00:2000::1/128', '2a00:2000::/49', '2800::/8', '2a02::/15']),
  // RFC 4291, 6052, 6666, 9780, 4048: below 2000::/3.
  ...refused('bogon-prefix', ['64:ff9b::/48', '100::/48', '100:0:0:1::/64', '200::/16', '400::/16', '1000::/16']),
  // RFC 5180, 4843, 7343, 3849, 7526, 3701, 9637.
  ...refused('bogon-prefix', ['2001:2::/48', '2001:10::/32', '2001:db8::/32', '2001:db8:7::/48', '2002::/16']),
  ...refused('bogon-prefix', ['2002:c000:200::/48', '3ffe::/24', '3fff::/20']),
  // RFC 9602, 4193, 3879, and what nobody was given.
  ...refused('bogon-prefix', ['4000::/16', '5f00::/16', '8000::/16', 'c000::/16', 'e000::/16', 'f000::/16']),
  ...refused('bogon-prefix', ['f800::/16', 'fc00:1::/32', 'fd12:3456::/32', 'fe00::/16', 'fec0:1::/32']),
  ...refused('path-length', ['2a00:3000::/32'], long(65)),
  ...byPath('first-as', [[ORIGIN_AS], [8220, ORIGIN_AS]], 0x4000),
  ...thirdParty(['2a00:4800::/32', '2620:fe::99'], ['2a00:4801::/32', '2620:fe::3']),
  // RFC 6793, 5398, 6996, 7300, and what IANA gave nobody.
  ...byPath(
    'bogon-as',
    [
      [UPSTREAM, 23456, ORIGIN_AS],
      [UPSTREAM, 64496],
      [UPSTREAM, 64512, ORIGIN_AS],
    ],
    0x5000,
  ),
  ...byPath(
    'bogon-as',
    [
      [UPSTREAM, 65534, ORIGIN_AS],
      [UPSTREAM, ORIGIN_AS, 65535],
      [UPSTREAM, 65551],
    ],
    0x5010,
  ),
  ...byPath(
    'bogon-as',
    [
      [UPSTREAM, 131071],
      [UPSTREAM, 4200000000, ORIGIN_AS],
      [UPSTREAM, 4294967294],
    ],
    0x5020,
  ),
  ...refused('rpki-invalid', ['2a00:6000::/32', '2a00:6100:1::/48']),
  { prefix: '2a00:7000::/32', path: [UPSTREAM, OURS, ORIGIN_AS], becomes: 'gone' },
]

/** What the RTR cache says: VALID6 is valid; another origin than the one that announces; and a longer prefix than allowed. */
export const ROAS = [
  { prefix: VALID6, maxLength: 32, asn: ORIGIN_AS },
  { prefix: '2a00:6000::/32', maxLength: 48, asn: 8220 },
  { prefix: '2a00:6100::/32', maxLength: 32, asn: ORIGIN_AS },
]

export const GOOD4 = '5.44.16.0/20'

export const HOSTILE4: readonly Sent[] = [
  taken(GOOD4),
  taken('11.0.0.0/8'),
  taken('5.45.1.0/24'),
  taken('5.46.0.0/16', NORMAL, { communities: ['(65535, 0)'], preference: 0 }),
  ...refused('own-prefix', ['23.128.10.0/24', '23.128.10.128/25', '23.128.10.7/32', '198.18.7.0/24']),
  ...refused('default-route', ['0.0.0.0/0']),
  ...refused('prefix-length', ['5.47.1.0/25', '5.47.1.1/32', '6.0.0.0/7']),
  // RFC 1122, 1918, 6598, 3927, 6890, 5737, 7526, 2544.
  ...refused('bogon-prefix', ['10.0.0.0/8', '10.20.0.0/16', '100.64.0.0/10', '100.100.0.0/16']),
  ...refused('bogon-prefix', ['169.254.0.0/16', '172.16.0.0/12', '172.31.5.0/24', '192.0.0.0/24', '192.0.2.0/24']),
  ...refused('bogon-prefix', ['192.88.99.0/24', '192.168.0.0/16', '192.168.7.0/24', '198.18.0.0/15', '198.19.0.0/16']),
  ...refused('bogon-prefix', ['198.51.100.0/24', '203.0.113.0/24']),
  ...refused('bogon-as', ['5.48.0.0/16'], [UPSTREAM, 64999, ORIGIN_AS]),
  ...refused('first-as', ['5.49.0.0/16'], [ORIGIN_AS]),
  ...thirdParty(['5.50.0.0/16', '198.18.7.99']),
]
