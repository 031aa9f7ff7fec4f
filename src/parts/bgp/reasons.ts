// Why a route was refused, and where a route came from: the numbers in our large communities, for filters, tables and tests alike.

/** Second number of a large community (ASN, 1, …): who sent a route. Set on import, never shown to others. */
export const ORIGIN = { own: 0, provider: 1, peer: 2, customer: 3 } as const

export interface Reason {
  /** Third number of the large community (ASN, 2, …) that a refused route carries. */
  readonly number: number
  /** A word for scripts; a promise: never renamed. */
  readonly name: string
  /** For people: completes "refused: …". */
  readonly text: string
}

/** In the order in which a filter asks. A number is a promise, too: a refused route keeps its own through a version of orion. */
export const REASONS = [
  { number: 1, name: 'first-as', text: 'the first AS number of its path is not the one that sent it' },
  { number: 12, name: 'next-hop', text: 'its next hop is another one than the peer itself' },
  { number: 2, name: 'own-as', text: 'our own AS number is in its path' },
  { number: 3, name: 'bogon-as', text: 'its path has a private, reserved or unassigned AS number' },
  { number: 4, name: 'path-length', text: 'its path is longer than 64 AS numbers' },
  { number: 5, name: 'default-route', text: 'a default route, and none is taken of this peer' },
  { number: 6, name: 'own-prefix', text: 'it lies in a prefix of our own' },
  { number: 7, name: 'bogon-prefix', text: 'nobody may announce it: private, reserved or not given out' },
  { number: 8, name: 'prefix-length', text: 'it is shorter or longer than what networks announce to each other' },
  { number: 9, name: 'not-listed', text: 'it is in none of the prefixes that this peer may announce' },
  { number: 10, name: 'not-registered', text: 'the AS-SET of this peer does not register it' },
  { number: 11, name: 'rpki-invalid', text: 'its origin contradicts the ROAs (RPKI invalid)' },
] as const satisfies readonly Reason[]

export type ReasonName = (typeof REASONS)[number]['name']

/** The reason that a refused route's large communities (as triples) tell; undefined where none is ours. */
export function reasonOf(asn: number, communities: readonly (readonly [number, number, number])[]): Reason | undefined {
  const mark = communities.find(([who, kind]) => who === asn && kind === 2)
  return mark && REASONS.find(({ number }) => number === mark[2])
}
