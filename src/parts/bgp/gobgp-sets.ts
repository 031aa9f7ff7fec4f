// The sets that GoBGP's policies name: prefixes, neighbors, AS_PATH patterns and communities.
import type { Family } from '../../site/ip.ts'
import type { FamilyModel } from './bird-model.ts'
import { BOGON_ASNS, BOGON_PREFIXES } from './bogons.ts'
import { type AsRange, toPathPattern } from './gobgp-as-path.ts'
import { DRAINED, membersOfDrained } from './gobgp-drained.ts'
import type { GobgpModel, NamedSet, Policy, PrefixSet, Statement } from './gobgp-model.ts'
import {
  ALL,
  BLACKHOLE,
  GRACEFUL_SHUTDOWN,
  getPolicies,
  isOutside,
  isTrusted,
  type PolicyPeer,
  tooLong,
  tooShort,
  WORLD,
} from './gobgp-policy.ts'
import { exactly, inside, isPartOf, spreadOut } from './gobgp-prefixes.ts'
import { ORIGIN } from './reasons.ts'

export interface SetsInput {
  readonly asn: number
  readonly families: readonly FamilyModel[]
  readonly validates: boolean
  readonly peers: readonly PolicyPeer[]
  /** BIRD, which writes the kernel's routes; undefined in the shadow, where nothing is written. */
  readonly fib: string | undefined
}

/** Sets and policies together: no set without members, and no statement about one. */
export function getRules(input: SetsInput): Pick<GobgpModel, 'prefixSets' | 'sets' | 'policies'> {
  const policies = getPolicies({ ...input, families: input.families.map(({ family }) => family) })
  const prefixSets = getPrefixSets(input).filter(({ prefixes }) => prefixes.length > 0)
  const neighbor = getNeighborSets(input).filter(({ members }) => members.length > 0)
  const there = new Set([...prefixSets, ...neighbor].map(({ name }) => name))
  const isAbout = ({ neighbors, prefixes }: Statement) =>
    [neighbors, prefixes?.set].every((name) => name === undefined || there.has(name))
  const kept = policies.map(({ name, statements }): Policy => ({ name, statements: statements.filter(isAbout) }))
  return { prefixSets, sets: { neighbor, ...getOtherSets(input) }, policies: kept }
}

function getPrefixSets({ families, peers }: SetsInput): readonly PrefixSet[] {
  const perFamily = families.flatMap(({ family, announce, blackhole, linked }): PrefixSet[] => {
    const { never, all } = bogonsOf(family)
    return [
      { name: `own${family}`, prefixes: announce.map(exactly) },
      { name: `in-own${family}`, prefixes: announce.map(inside) },
      { name: `in-linked${family}`, prefixes: linked.map(inside) },
      { name: `blackhole${family}`, prefixes: blackhole.map(exactly) },
      { name: `bogons${family}`, prefixes: all.map(inside) },
      { name: `never${family}`, prefixes: never.map(inside) },
      { name: `default${family}`, prefixes: [exactly(ALL[family])] },
      { name: `too-short${family}`, prefixes: [tooShort(family)] },
      { name: `too-long${family}`, prefixes: [tooLong(family)] },
    ]
  })
  const perPeer = peers.flatMap((peer): PrefixSet[] => {
    const { name, prefixes } = peer.peer
    const own = families.find(({ family }) => family === peer.family)?.announce ?? []
    const parts = isTrusted(peer) ? prefixes.filter((prefix) => own.some((ours) => isPartOf(ours, prefix))) : []
    return [
      { name: `only-${name}`, prefixes: peer.only ?? [] },
      { name: `part-${name}`, prefixes: parts.map(inside) },
    ]
  })
  return [...perFamily, ...perPeer].map(({ name, prefixes }) => ({ name, prefixes: spreadOut(prefixes) }))
}

function bogonsOf(family: Family): { readonly all: readonly string[]; readonly never: readonly string[] } {
  const bogons = BOGON_PREFIXES[family]
  return {
    all: bogons.map(({ prefix }) => prefix),
    never: bogons.filter(({ never }) => never).map(({ prefix }) => prefix),
  }
}

function getNeighborSets({ peers, fib }: SetsInput): readonly NamedSet[] {
  const set = (name: string, isIn: (peer: PolicyPeer) => boolean): NamedSet => ({
    name,
    members: peers.filter(isIn).map(({ peer }) => peer.address),
  })
  const is =
    (...relations: readonly string[]) =>
    (one: PolicyPeer) =>
      relations.includes(one.peer.relation)
  return [
    { name: 'fib', members: fib === undefined ? [] : [fib] },
    set(WORLD, isOutside),
    set('takes-default', (one) => isOutside(one) && one.peer.defaultRoute),
    set('customers', is('customer')),
    set('sellers', is('provider', 'peer')),
    set('blackholing', (one) => isOutside(one) && one.peer.blackhole),
    ...drainedSets(peers),
    set('internal', is('internal')),
    set('internal-without-default', (one) => is('internal')(one) && !one.peer.defaultRoute),
    ...peers.map(({ peer }) => ({ name: `peer-${peer.name}`, members: [peer.address] })),
  ]
}

/** Always there, so that a drain changes one line: nobody stands in a set that would be empty. */
function drainedSets(peers: readonly PolicyPeer[]): readonly NamedSet[] {
  const all = peers.map(({ peer, drained }) => ({ ...peer, drained }))
  return DRAINED.map((name) => ({ name, members: membersOfDrained(name, all) }))
}

function getOtherSets({ asn, peers }: SetsInput): Omit<GobgpModel['sets'], 'neighbor'> {
  const outside = peers.filter(isOutside).map(({ peer }) => peer)
  const from = (...origins: readonly number[]) => origins.map((origin) => `${asn}:1:${origin}`)
  return {
    'as-path': [
      { name: 'as-sets', members: ['[{]'] },
      ...outside
        .filter((peer) => !peer.routeServer)
        .map((peer) => ({ name: `first-${peer.name}`, members: [`^${peer.asn}_`] })),
      ...outside.map((peer) => ({ name: `bogon-as-${peer.name}`, members: [toPathPattern(bogonAsns(peer.asn))] })),
    ],
    community: [
      { name: 'graceful-shutdown', members: [GRACEFUL_SHUTDOWN] },
      { name: 'blackhole', members: [BLACKHOLE] },
    ],
    'large-community': [
      { name: 'of-customers', members: from(ORIGIN.customer) },
      { name: 'of-anybody', members: from(ORIGIN.own, ORIGIN.provider, ORIGIN.peer, ORIGIN.customer) },
    ],
  }
}

/** All but the peer's own number: one that is private is no secret to us. */
function bogonAsns(asn: number): readonly AsRange[] {
  return BOGON_ASNS.flatMap(([first, last]) => {
    if (asn < first || asn > last) return [{ first, last }]
    return [...(first < asn ? [{ first, last: asn - 1 }] : []), ...(asn < last ? [{ first: asn + 1, last }] : [])]
  })
}
