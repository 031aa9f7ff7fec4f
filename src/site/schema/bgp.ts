// BGP in the site file: who we are, what we announce, whom we talk to and what we take from each.
import { z } from 'zod'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, oneOf, oneOrMore, parsed, text } from './words.ts'

/**
 * Peer names become symbols of BIRD (with `_` for `-`), names of files and sets of GoBGP. Without capitals, `.` and `_` two names
 * never become one symbol; BIRD takes symbols of up to 63 characters, a prefix such as `PASSWORD_` included.
 */
const peerName = text(
  /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
  'a name of small letters, digits and hyphens (40 at most)',
)

const AS_SET = 'an AS-SET such as AS-EXAMPLE or AS65000:AS-CUSTOMERS'
/** RFC 2622, sections 2 and 5.1: names and AS numbers between colons. One AS number alone stands for what it registers itself. */
const asSet = parsed(/^[A-Za-z0-9:_-]{3,128}$/, AS_SET, (value) => {
  const parts = value.toUpperCase().split(':')
  const isNumber = (part: string) => /^AS[1-9]\d{0,9}$/.test(part) && Number(part.slice(2)) <= 4294967295
  const isSet = (part: string) => /^AS-[A-Z0-9](?:[A-Z0-9_-]*[A-Z0-9])?$/.test(part)
  if (!parts.every((part) => isNumber(part) || isSet(part))) return undefined
  return parts.length === 1 || parts.some(isSet) ? parts.join(':') : undefined
})

const peer = fields({
  asn: s.asn.describe('AS number of the peer'),
  address: s.address.describe('Address of the peer'),
  localAddress: s.address.exactOptional().describe('Our address toward it'),
  relation: z.enum(['provider', 'peer', 'customer', 'internal']).describe('What the peer is to us (RFC 9234)'),
  routeServer: z
    .boolean()
    .default(false)
    .describe(
      'A route server of an exchange: other AS numbers lead its paths, and other routers are next hops (RFC 7947)',
    ),
  multihop: z.int().min(1).max(255).exactOptional().describe('Hops to a peer that is not beside us'),
  maxPrefixes: z
    .int()
    .min(1)
    .max(4294967295)
    .exactOptional()
    .describe(
      'More routes than these are refused; the session ends when it received more than 1.2 times as many and ten',
    ),
  password: secret.exactOptional(),
  authentication: z.enum(['md5', 'tcp-ao']).exactOptional().describe('What the password is for; default: md5'),
  ttlSecurity: z
    .boolean()
    .default(false)
    .describe('Only packets from close by (GTSM, RFC 5082); both ends must have it'),
  bfd: z.boolean().default(false).describe('Notice within a second that the peer is gone; both ends must have it'),
  requireRole: z.boolean().default(false).describe('No session with a peer that does not say its role (RFC 9234)'),
  blackhole: z.boolean().default(false).describe('It drops what carries the community 65535:666 (RFC 7999)'),
  defaultRoute: z.boolean().default(false).describe('Take a default route of it, too'),
  localPreference: z
    .int()
    .min(0)
    .max(4294967295)
    .exactOptional()
    .describe('Higher is preferred; default: customer 200, peer 150, provider and internal 100'),
  prepend: z.int().min(0).max(10).default(0).describe('So often our AS number goes before the path once more'),
  asSet: asSet.exactOptional().describe('Take only what it registers: an AS-SET, or an AS number'),
  prefixes: oneOrMore(s.network).exactOptional().describe('Take only these, and what is in them'),
}).meta({ id: 'BgpPeer', description: 'A BGP session' })

const RTR_PORT = 323 // RFC 8210, section 9
const CACHE = 'a cache such as 192.0.2.1:323, [2001:db8::1]:323 or { address, port }, its port from 1 to 65535'
const cacheText = parsed(/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, CACHE, (value) => {
  const colon = value.lastIndexOf(':')
  const address = s.host.safeParse(value.slice(0, colon).replace(/^\[|\]$/g, ''))
  const port = s.port.safeParse(Number(value.slice(colon + 1)))
  return address.success && port.success ? { address: address.data, port: port.data } : undefined
})
const cache = fields({ address: s.host.describe('Address or name'), port: s.port.default(RTR_PORT) })

const rpki = fields({
  local: z.boolean().default(true).describe('A validator of its own on the router'),
  caches: oneOrMore(oneOf([cacheText, cache], CACHE))
    .exactOptional()
    .describe('RTR servers that are asked, too'),
}).meta({ id: 'Rpki', description: 'Where validated route origins come from (RFC 8210)' })

const irrSource = text(/^[A-Za-z][A-Za-z0-9-]{1,31}$/, 'the name of a registry such as RIPE').transform((name) =>
  name.toUpperCase(),
)
const irr = fields({
  server: s.host.default('rr.ntt.net'),
  sources: oneOrMore(irrSource)
    .default(['RPKI', 'RIPE', 'ARIN', 'APNIC', 'AFRINIC', 'LACNIC', 'RADB'])
    .describe('Registries, the most trusted first'),
}).meta({ id: 'Irr', description: 'Where the prefixes of an AS-SET come from' })

/** As a network; an address alone is one of its own. */
const route = oneOf(
  [s.network, s.address.transform((address) => `${address}/${address.includes(':') ? 128 : 32}`)],
  'a network or an address',
)

export const bgp = fields({
  router: s.hostName.describe('Guest that speaks BGP'),
  daemon: z.enum(['bird', 'gobgp']).default('bird'),
  asn: s.asn.describe('Our own AS number'),
  routerId: s.address4.describe('An IPv4 address of ours'),
  announce: oneOrMore(s.network).exactOptional().describe('Our prefixes'),
  blackhole: oneOrMore(route).exactOptional().describe('Addresses of ours whose traffic providers shall drop'),
  rpki: oneOf([z.literal(false), rpki], 'false, or where the caches are').exactOptional(),
  irr: irr.prefault({}),
  peers: z.record(peerName, peer).exactOptional(),
}).meta({ id: 'Bgp', description: 'BGP on a guest' })

export type BgpInput = z.output<typeof bgp>
