// What no network may send to another: prefixes and AS numbers that are nobody's, and lengths of prefixes and paths.

/** A prefix and all that lies in it, with whose word that is. */
interface Bogon {
  readonly prefix: string
  readonly why: string
  /** Not between the routers of one network either: never an address of a host elsewhere. */
  readonly never?: true
}

/** IANA's special-purpose address registries (RFC 6890); of IPv6 all that is not global unicast (2000::/3), too. */
export const BOGON_PREFIXES: Readonly<Record<4 | 6, readonly Bogon[]>> = {
  4: [
    { prefix: '0.0.0.0/8', why: 'this network, RFC 791', never: true },
    { prefix: '10.0.0.0/8', why: 'private, RFC 1918' },
    { prefix: '100.64.0.0/10', why: 'carrier NAT, RFC 6598' },
    { prefix: '127.0.0.0/8', why: 'loopback, RFC 1122', never: true },
    { prefix: '169.254.0.0/16', why: 'link-local, RFC 3927', never: true },
    { prefix: '172.16.0.0/12', why: 'private, RFC 1918' },
    { prefix: '192.0.0.0/24', why: 'IETF protocols, RFC 6890', never: true },
    { prefix: '192.0.2.0/24', why: 'documentation, RFC 5737' },
    { prefix: '192.88.99.0/24', why: '6to4 relays, RFC 7526' },
    { prefix: '192.168.0.0/16', why: 'private, RFC 1918' },
    { prefix: '198.18.0.0/15', why: 'benchmarks, RFC 2544' },
    { prefix: '198.51.100.0/24', why: 'documentation, RFC 5737' },
    { prefix: '203.0.113.0/24', why: 'documentation, RFC 5737' },
    { prefix: '224.0.0.0/4', why: 'multicast, RFC 5771', never: true },
    { prefix: '240.0.0.0/4', why: 'reserved, RFC 1112', never: true },
  ],
  6: [
    { prefix: '::/8', why: 'unspecified, loopback, mapped, RFC 4291', never: true },
    { prefix: '100::/8', why: 'discard-only and dummy, RFC 6666 and RFC 9780', never: true },
    { prefix: '200::/7', why: 'given back, RFC 4048', never: true },
    { prefix: '400::/6', why: 'not given out, RFC 4291', never: true },
    { prefix: '800::/5', why: 'not given out, RFC 4291', never: true },
    { prefix: '1000::/4', why: 'not given out, RFC 4291', never: true },
    { prefix: '2001:2::/48', why: 'benchmarks, RFC 5180' },
    { prefix: '2001:10::/28', why: 'ORCHID, given back, RFC 4843' },
    { prefix: '2001:db8::/32', why: 'documentation, RFC 3849' },
    { prefix: '2002::/16', why: '6to4, RFC 7526' },
    { prefix: '3ffe::/16', why: '6bone, given back, RFC 3701' },
    { prefix: '3fff::/20', why: 'documentation, RFC 9637' },
    { prefix: '4000::/2', why: 'not given out (5f00::/16: SRv6 SIDs, RFC 9602)', never: true },
    { prefix: '8000::/2', why: 'not given out, RFC 4291', never: true },
    { prefix: 'c000::/3', why: 'not given out, RFC 4291', never: true },
    { prefix: 'e000::/4', why: 'not given out, RFC 4291', never: true },
    { prefix: 'f000::/5', why: 'not given out, RFC 4291', never: true },
    { prefix: 'f800::/6', why: 'not given out, RFC 4291', never: true },
    { prefix: 'fc00::/7', why: 'private (ULA), RFC 4193' },
    { prefix: 'fe00::/9', why: 'not given out, RFC 4291', never: true },
    { prefix: 'fe80::/10', why: 'link-local, RFC 4291', never: true },
    { prefix: 'fec0::/10', why: 'site-local, given back, RFC 3879' },
    { prefix: 'ff00::/8', why: 'multicast, RFC 4291', never: true },
  ],
}

/** First and last. */
export type AsnRange = readonly [number, number]

/** RFC 6996: for use inside, and never shown to others. */
export const PRIVATE_ASNS: readonly AsnRange[] = [
  [64512, 65534],
  [4200000000, 4294967294],
]

export function isPrivate(asn: number): boolean {
  return PRIVATE_ASNS.some(([first, last]) => asn >= first && asn <= last)
}

/** AS numbers that are in no honest path (RFC 7607, 6793, 5398, 6996, 7300; IANA: 65552–131071 are not given out). */
export const BOGON_ASNS: readonly AsnRange[] = [
  [0, 0],
  [23456, 23456],
  [64496, 131071],
  [4200000000, 4294967295],
]

/** Lengths that networks take of each other (RFC 7454, section 6.1.3), in bits. */
export const LENGTHS = { 4: { min: 8, max: 24, host: 32 }, 6: { min: 16, max: 48, host: 128 } } as const

/** AS numbers in a path. */
export const MOST_HOPS = 64
