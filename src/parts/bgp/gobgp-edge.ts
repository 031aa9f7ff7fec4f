// From what bird.conf says to what GoBGP shall do: at the edge, or in the shadow, where BIRD on loopback addresses stands for the peers.
import { createHash } from 'node:crypto'
import type { BirdModel, PeerModel } from './bird-model.ts'
import { DRAINED } from './gobgp-drained.ts'
import type { GobgpModel, Neighbor, PrefixRange } from './gobgp-model.ts'
import { familyOfPrefix, inside, isInside } from './gobgp-prefixes.ts'
import { getRules } from './gobgp-sets.ts'

/** What the router knows beyond the site file, by the peers' names. */
export interface PeerFacts {
  /** The prefixes that its AS-SET registers. */
  registered(peer: string): readonly PrefixRange[]
  password(peer: string): string | undefined
  isDrained(peer: string): boolean
}

/** Where BIRD listens for GoBGP while it writes the kernel's routes (templates/bird/fib.eta). */
const FIB = { address: '::1', port: 1179 } as const
/** Where GoBGP stands in the shadow: nothing leads there from outside. */
export const SHADOW = { address: '127.0.0.1', port: 1790, routerId: '127.0.0.1' } as const
/** Where BIRD calls from in the place of the peer at this position; its router id, too: GoBGP tells no route to the router that it has it of. */
export const shadowAddress = (position: number): string => `127.0.1.${position + 1}`

/** GoBGP at the edge, and BIRD behind it. */
export function getEdgeModel(model: BirdModel, facts: PeerFacts): GobgpModel {
  const fib: Neighbor = {
    name: 'fib',
    address: FIB.address,
    asn: model.bgp.asn,
    localAddress: FIB.address,
    remotePort: FIB.port,
    ttlSecurity: false,
    // BIRD keeps the kernel's routes until GoBGP has told all of them anew.
    gracefulRestart: true,
    reflector: true,
    families: [4, 6],
  }
  const neighbors = [fib, ...model.peers.map((peer) => toNeighbor(peer, facts.password(peer.peer.name)))]
  const { routerId } = model.bgp
  return toModel(model, facts, {
    peers: model.peers,
    neighbors,
    fib: FIB.address,
    routerId,
    listen: ['0.0.0.0', '::'],
    port: 179,
  })
}

/** The same policies where nothing reaches the world. */
export function getShadowModel(model: BirdModel, facts: PeerFacts): GobgpModel {
  const peers = model.peers.map((one, at) => ({ ...one, peer: { ...one.peer, address: shadowAddress(at) } }))
  const neighbors = peers.map(
    ({ peer, family }): Neighbor => ({
      name: peer.name,
      address: peer.address,
      asn: peer.asn,
      localAddress: SHADOW.address,
      ...(peer.relation === 'internal' ? {} : { multihop: 2 }),
      ttlSecurity: false,
      gracefulRestart: false,
      reflector: false,
      families: [family],
    }),
  )
  return toModel(model, facts, { peers, neighbors, fib: undefined, ...SHADOW, listen: [SHADOW.address] })
}

interface Place extends Pick<GobgpModel, 'neighbors' | 'routerId' | 'listen' | 'port'> {
  readonly peers: readonly PeerModel[]
  readonly fib: string | undefined
}

function toModel({ bgp, families, caches }: BirdModel, facts: PeerFacts, place: Place): GobgpModel {
  const { peers, fib, ...there } = place
  const policyPeers = peers.map((one) => ({
    peer: one.peer,
    family: one.family,
    nextHop: one.nextHop,
    only: onlyOf(one, families, facts),
    drained: facts.isDrained(one.peer.name),
  }))
  const rules = getRules({ asn: bgp.asn, families, validates: caches.length > 0, peers: policyPeers, fib })
  return {
    asn: bgp.asn,
    ...there,
    rpki: caches,
    ...rules,
    policies: marked(rules),
    importPolicies: ['import'],
    exportPolicies: ['export'],
  }
}

type Rules = Pick<GobgpModel, 'prefixSets' | 'sets' | 'policies'>

/**
 * With a statement that does nothing and is named after all others: GoBGP keeps its old rules where it cannot read new ones, and
 * only its name tells which they are. A drain is no other rules.
 */
function marked({ prefixSets, sets, policies }: Rules): GobgpModel['policies'] {
  const neighbor = sets.neighbor.filter(({ name }) => !DRAINED.some((one) => one === name))
  const digest = createHash('sha256').update(JSON.stringify({ prefixSets, sets: { ...sets, neighbor }, policies }))
  const mark = { name: `rules-${digest.digest('hex').slice(0, 12)}` }
  return policies.map((policy, at) => (at === 0 ? { ...policy, statements: [mark, ...policy.statements] } : policy))
}

function toNeighbor({ peer, family, limits }: PeerModel, password: string | undefined): Neighbor {
  const { name, address, asn, localAddress, multihop, ttlSecurity, relation, blackhole } = peer
  return {
    name,
    relation,
    blackhole,
    address,
    asn,
    ttlSecurity,
    gracefulRestart: true,
    reflector: false,
    families: [family],
    // It counts what comes in, also what is refused.
    maxPrefixes: limits.receive,
    ...(relation === 'internal' ? {} : { hidesPrivateAsns: true }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(multihop === undefined ? {} : { multihop }),
    ...(password === undefined ? {} : { password }),
  }
}

/** What it registered out of our own prefixes, or out of networks that we stand in, it may not have unless it is listed. */
function onlyOf({ peer, family }: PeerModel, families: BirdModel['families'], facts: PeerFacts) {
  const { name, asSet, prefixes } = peer
  if (asSet === undefined && prefixes.length === 0) return undefined
  const ours = families.flatMap(({ announce, linked }) => [...announce, ...linked])
  const registered = asSet === undefined ? [] : facts.registered(name)
  const foreign = registered.filter(({ prefix }) => !ours.some((own) => isInside(own, prefix)))
  const listed = prefixes.map((prefix) => inside(prefix))
  return [...foreign, ...listed].filter(({ prefix }) => familyOfPrefix(prefix) === family)
}
