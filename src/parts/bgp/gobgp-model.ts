// What GoBGP's configuration says, as data: sets, policies and neighbors under the names that GoBGP has for them.
import type { Family } from '../../site/ip.ts'

/** A prefix and what is in it, from one length to another. */
export interface PrefixRange {
  /** CIDR. */
  readonly prefix: string
  readonly min: number
  readonly max: number
}

/** A set of GoBGP holds one family of addresses. */
export interface PrefixSet {
  readonly name: string
  readonly prefixes: readonly PrefixRange[]
}

/** Addresses of neighbors, AS_PATH patterns, communities or large communities. */
export interface NamedSet {
  readonly name: string
  readonly members: readonly string[]
}

export type SetKind = 'neighbor' | 'as-path' | 'large-community' | 'community'

/** All conditions of a statement together, and what then happens. */
export interface Statement {
  readonly name: string
  readonly neighbors?: string
  readonly prefixes?: { readonly set: string; readonly match: 'any' | 'invert' }
  readonly asPath?: { readonly set: string; readonly match: 'any' | 'invert' }
  readonly communities?: string
  readonly largeCommunities?: string
  /** It has none of this set. */
  readonly withoutLarge?: string
  /** Addresses; one of them is its next hop. GoBGP cannot ask whether none is. */
  readonly nextHops?: readonly string[]
  readonly families?: readonly Family[]
  /** At least this many AS numbers in the path. */
  readonly minPathLength?: number
  readonly rpkiInvalid?: true
  /** `local`: made here with the API. */
  readonly origin?: 'local'
  readonly localPreference?: number
  readonly addCommunities?: readonly string[]
  /** Patterns; never beside `addCommunities`. */
  readonly removeCommunities?: readonly string[]
  readonly addLarge?: readonly string[]
  /** Patterns; never beside `addLarge`: a statement does one of both. */
  readonly removeLarge?: readonly string[]
  readonly prepend?: { readonly asn: number; readonly times: number }
  readonly nextHopSelf?: true
  /** Without one the next statement decides. */
  readonly verdict?: 'accept' | 'reject'
}

export interface Policy {
  readonly name: string
  readonly statements: readonly Statement[]
}

export interface Neighbor {
  readonly name: string
  /** Of a peer: which routes it is told. */
  readonly relation?: string
  readonly blackhole?: boolean
  readonly address: string
  readonly asn: number
  readonly localAddress?: string
  readonly remotePort?: number
  /** Hops; undefined = beside us. */
  readonly multihop?: number
  readonly password?: string
  readonly ttlSecurity: boolean
  readonly gracefulRestart: boolean
  /** Whatever is best goes to it, also what an internal peer sent. */
  readonly reflector: boolean
  readonly families: readonly Family[]
  readonly maxPrefixes?: number
  /** Private AS numbers are taken out of the paths that it is told. */
  readonly hidesPrivateAsns?: true
}

export interface GobgpModel {
  readonly asn: number
  readonly routerId: string
  /** TCP port that is listened on. */
  readonly port: number
  readonly listen: readonly string[]
  readonly rpki: readonly { readonly address: string; readonly port: number }[]
  readonly prefixSets: readonly PrefixSet[]
  readonly sets: Readonly<Record<SetKind, readonly NamedSet[]>>
  readonly policies: readonly Policy[]
  readonly importPolicies: readonly string[]
  readonly exportPolicies: readonly string[]
  readonly neighbors: readonly Neighbor[]
}
