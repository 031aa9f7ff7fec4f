// The filters of the border router as policies of GoBGP: what BIRD's filters take and tell, statement by statement.
import type { Family } from '../../site/ip.ts'
import type { BgpPeer } from '../../site/services.ts'
import { LENGTHS, MOST_HOPS } from './bogons.ts'
import type { Policy, PrefixRange, Statement } from './gobgp-model.ts'
import { ORIGIN } from './reasons.ts'

/** A peer as the policies know it. */
export interface PolicyPeer {
  /** Its address is where it stands: in the shadow, another one than in the site file. */
  readonly peer: BgpPeer
  readonly family: Family
  /** The only next hop that is taken of it; undefined = any. */
  readonly nextHop: string | undefined
  /** It may send these and what its AS-SET registers alone; undefined = what the other rules let through. */
  readonly only: readonly PrefixRange[] | undefined
  /** It is being emptied (RFC 8326). */
  readonly drained: boolean
}

export interface PolicyInput {
  readonly asn: number
  readonly families: readonly Family[]
  readonly validates: boolean
  readonly peers: readonly PolicyPeer[]
}

/** RFC 8326 and 7999, RFC 1997's NO_EXPORT. */
export const GRACEFUL_SHUTDOWN = '65535:0'
export const BLACKHOLE = '65535:666'
const NO_EXPORT = '65535:65281'
/** RFC 8326 wants 0, which GoBGP takes for "not said". */
export const LOWEST_PREFERENCE = 1

export const WORLD = 'world'
const any = (set: string) => ({ set, match: 'any' }) as const
const invert = (set: string) => ({ set, match: 'invert' }) as const

export const isOutside = ({ peer }: PolicyPeer): boolean => peer.relation !== 'internal'

/** Its AS number is the first of its paths: a route server's is not (RFC 7947). */
const leadsPaths = ({ peer }: PolicyPeer): boolean => !peer.routeServer

/** A customer whose prefixes the site file lists may have parts of ours, also long ones. */
export const isTrusted = ({ peer }: PolicyPeer): boolean => peer.relation === 'customer' && peer.prefixes.length > 0

/** Before the names of sets that have no members are taken out. */
export function getPolicies(input: PolicyInput): readonly Policy[] {
  return [
    { name: 'import', statements: [...importMade(input), ...importOutside(input), ...importInternal(input)] },
    { name: 'export', statements: [...exportInside(input), ...exportOutside(input)] },
  ]
}

const of = (input: PolicyInput, statement: (family: Family) => Statement): Statement[] => input.families.map(statement)

/** What is made on this router passes the import policy, too. */
function importMade(input: PolicyInput): Statement[] {
  return [
    ...of(input, (family) => ({
      name: `made-own${family}`,
      origin: 'local',
      prefixes: any(`own${family}`),
      addLarge: [`${input.asn}:1:${ORIGIN.own}`],
      verdict: 'accept',
    })),
    ...of(input, (family) => ({
      name: `made-blackhole${family}`,
      origin: 'local',
      prefixes: any(`blackhole${family}`),
      verdict: 'accept',
    })),
    { name: 'from-fib', neighbors: 'fib', verdict: 'reject' },
  ]
}

type About = Omit<Statement, 'name' | 'neighbors' | 'verdict'>
const refuse = (name: string, neighbors: string, about: About): Statement => ({
  name,
  neighbors,
  ...about,
  verdict: 'reject',
})

function importOutside(input: PolicyInput): Statement[] {
  const { asn, validates } = input
  const peers = input.peers.filter(isOutside)
  const refused = (name: string, set: string, neighbors = WORLD) =>
    of(input, (family) => refuse(`${name}${family}`, neighbors, { prefixes: any(`${set}${family}`) }))
  return [
    { name: 'scrub', neighbors: WORLD, removeLarge: [`^${asn}:.*`], removeCommunities: [BLACKHOLE] },
    ...peers
      .filter(leadsPaths)
      .map(({ peer: { name } }) => refuse(`first-as-${name}`, `peer-${name}`, { asPath: invert(`first-${name}`) })),
    ...peers.map(({ peer: { name } }) =>
      refuse(`bogon-as-${name}`, `peer-${name}`, { asPath: any(`bogon-as-${name}`) }),
    ),
    refuse('as-set', WORLD, { asPath: any('as-sets') }),
    refuse('path-length', WORLD, { minPathLength: MOST_HOPS + 1 }),
    ...peers.map((peer) => mark(asn, peer)),
    refuse('next-hop', WORLD, { withoutLarge: 'of-anybody' }),
    {
      name: 'graceful-shutdown',
      neighbors: WORLD,
      communities: 'graceful-shutdown',
      localPreference: LOWEST_PREFERENCE,
    },
    { name: 'drained-outside', neighbors: 'drained-outside', localPreference: LOWEST_PREFERENCE },
    ...of(input, (family) => ({
      name: `default-route-taken${family}`,
      neighbors: 'takes-default',
      prefixes: any(`default${family}`),
      verdict: 'accept',
    })),
    ...refused('default-route', 'default'),
    ...refused('bogon-prefix', 'bogons'),
    ...(validates ? [refuse('rpki-invalid', WORLD, { rpkiInvalid: true })] : []),
    ...peers.filter(isTrusted).map(acceptParts),
    ...refused('own-prefix', 'in-own'),
    ...refused('linked-prefix', 'in-linked'),
    ...refused('prefix-length-short', 'too-short'),
    ...refused('prefix-length-long', 'too-long'),
    ...peers.flatMap(refuseOthers),
    { name: 'accept-outside', neighbors: WORLD, verdict: 'accept' },
  ]
}

/** A route with another next hop gets no mark, and is refused for that. */
function mark(asn: number, { peer: { name, relation, localPreference }, nextHop }: PolicyPeer): Statement {
  const origin = ORIGIN[relation === 'internal' ? 'own' : relation]
  return {
    name: `from-${name}`,
    neighbors: `peer-${name}`,
    ...(nextHop === undefined ? {} : { nextHops: [nextHop] }),
    localPreference,
    addLarge: [`${asn}:1:${origin}`],
  }
}

/** Parts of our own prefixes that the site file gives to a customer, at any length; nobody else may have any of ours. */
function acceptParts({ peer: { name } }: PolicyPeer): Statement {
  return { name: `part-of-own-${name}`, neighbors: `peer-${name}`, prefixes: any(`part-${name}`), verdict: 'accept' }
}

function refuseOthers({ peer: { name, prefixes }, only }: PolicyPeer): Statement[] {
  if (only === undefined) return []
  // A set cannot be empty; who may send nothing sends nothing.
  const about = only.length === 0 ? {} : { prefixes: invert(`only-${name}`) }
  return [refuse(`${prefixes.length > 0 ? 'not-listed' : 'not-registered'}-${name}`, `peer-${name}`, about)]
}

function importInternal(input: PolicyInput): Statement[] {
  const refused = (name: string, set: string, neighbors = 'internal') =>
    of(input, (family) => refuse(`${name}${family}`, neighbors, { prefixes: any(`${set}${family}`) }))
  return [
    { name: 'scrub-internal', neighbors: 'internal', removeLarge: [`^${input.asn}:2:.*`] },
    refuse('as-set-internal', 'internal', { asPath: any('as-sets') }),
    refuse('path-length-internal', 'internal', { minPathLength: MOST_HOPS + 1 }),
    ...refused('default-route-internal', 'default', 'internal-without-default'),
    ...refused('linked-prefix-internal', 'in-linked'),
    ...refused('never-prefix-internal', 'never'),
    ...input.peers.filter((peer) => !isOutside(peer)).flatMap(refuseOthers),
    { name: 'drained-internal', neighbors: 'drained-internal', localPreference: LOWEST_PREFERENCE },
    { name: 'accept-internal', neighbors: 'internal', verdict: 'accept' },
  ]
}

/** To BIRD, which writes the kernel's routes, before anything else: it has our own prefixes itself. And to our other routers. */
function exportInside(input: PolicyInput): Statement[] {
  const local = (name: string, neighbors: string, set: string) =>
    of(input, (family) => refuse(`${name}${family}`, neighbors, { origin: 'local', prefixes: any(`${set}${family}`) }))
  return [
    ...local('own-to-fib', 'fib', 'own'),
    ...local('blackhole-to-fib', 'fib', 'blackhole'),
    { name: 'to-fib', neighbors: 'fib', verdict: 'accept' },
    ...local('blackhole-to-internal', 'internal', 'blackhole'),
    // Not by the community of RFC 8326: the other router would tell it on.
    { name: 'drained-to-internal', neighbors: 'drained-internal', localPreference: LOWEST_PREFERENCE },
    { name: 'to-internal', neighbors: 'internal', nextHopSelf: true, verdict: 'accept' },
  ]
}

function exportOutside(input: PolicyInput): Statement[] {
  const clean = { removeLarge: [`^${input.asn}:.*`] }
  const refused = (name: string, set: string) =>
    of(input, (family) => refuse(`${name}${family}`, WORLD, { prefixes: any(`${set}${family}`) }))
  return [
    ...of(input, (family) => ({
      name: `blackhole-out${family}`,
      neighbors: 'blackholing',
      origin: 'local',
      prefixes: any(`blackhole${family}`),
      ...clean,
      addCommunities: [BLACKHOLE, NO_EXPORT],
      verdict: 'accept',
    })),
    { name: 'drained-out', neighbors: 'drained-outside', addCommunities: [GRACEFUL_SHUTDOWN] },
    ...input.peers.filter(isOutside).flatMap(({ peer }) => prepend(input.asn, peer)),
    ...of(input, (family) => ({
      name: `own-out${family}`,
      neighbors: WORLD,
      origin: 'local',
      prefixes: any(`own${family}`),
      ...clean,
      verdict: 'accept',
    })),
    refuse('blackholed-out', WORLD, { communities: 'blackhole' }),
    ...refused('in-own-out', 'in-own'),
    ...refused('bogon-out', 'bogons'),
    { name: 'customers-out', neighbors: 'sellers', largeCommunities: 'of-customers', ...clean, verdict: 'accept' },
    { name: 'all-to-customers', neighbors: 'customers', largeCommunities: 'of-anybody', ...clean, verdict: 'accept' },
  ]
}

function prepend(asn: number, { name, prepend: times }: BgpPeer): Statement[] {
  return times === 0 ? [] : [{ name: `prepend-${name}`, neighbors: `peer-${name}`, prepend: { asn, times } }]
}

/** Lengths that others do not take of us. */
export const tooShort = (family: Family): PrefixRange => ({ prefix: ALL[family], min: 1, max: LENGTHS[family].min - 1 })
export const tooLong = (family: Family): PrefixRange => ({
  prefix: ALL[family],
  min: LENGTHS[family].max + 1,
  max: LENGTHS[family].host,
})
export const ALL = { 4: '0.0.0.0/0', 6: '::/0' } as const
