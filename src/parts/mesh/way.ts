// The ways that BGP comes to over the links that stand, by the preferences of their ends: what is wanted, and what a cut would do.
import type { Gateway, LinkEnd } from './model.ts'
import { staticWay } from './static.ts'

export interface Way {
  readonly preference: number
  /** The gateways on it, without the one whose way it is, with the one it leads to. */
  readonly path: readonly string[]
}

/**
 * The way to one gateway from each other that has one, by its name. Pure. The highest preference, then the shortest way, as BIRD
 * chooses; only hub and bypass pass on what they learned, and nobody takes a way that leads through himself.
 */
export function waysTo(
  gateways: readonly Gateway[],
  to: Gateway,
  isThere: (end: LinkEnd) => boolean = () => true,
): ReadonlyMap<string, Way> {
  const ways = new Map<string, Way>()
  // One hop further with each round; where two would go round in circles for ever, the limit ends it.
  for (let round = 0; round < gateways.length; round += 1) {
    const changes = gateways.filter((from) => from !== to && improve(ways, from, to, isThere))
    if (changes.length === 0) break
  }
  return ways
}

/** The same where the routes are written down. Pure. */
export function staticWaysTo(gateways: readonly Gateway[], to: Gateway): ReadonlyMap<string, Pick<Way, 'path'>> {
  return new Map(gateways.filter((from) => from !== to).map((from) => [from.name, { path: staticPath(from, to) }]))
}

/** [] where it does not come to its end: a circle of routes is a way to nowhere. */
function staticPath(from: Gateway, to: Gateway): readonly string[] {
  const path: string[] = []
  for (let at = from; at !== to; ) {
    const next = staticWay(at, to.name)?.peer
    if (next === undefined || path.includes(next.name)) return []
    path.push(next.name)
    at = next
  }
  return path
}

/** Returns whether its way is another one now. */
function improve(ways: Map<string, Way>, from: Gateway, to: Gateway, isThere: (end: LinkEnd) => boolean): boolean {
  let best: Way | undefined
  for (const end of from.links) {
    const offer = isThere(end) ? offerOf(ways, end, to) : undefined
    if (offer !== undefined && isBetter(offer, best)) best = offer
  }
  const before = ways.get(from.name)?.path.join()
  if (best === undefined) ways.delete(from.name)
  else ways.set(from.name, best)
  return best?.path.join() !== before
}

function offerOf(ways: ReadonlyMap<string, Way>, { own, peer, preference }: LinkEnd, to: Gateway): Way | undefined {
  if (peer === to) return { preference: preference.own, path: [to.name] }
  const further = preference.others === undefined ? undefined : ways.get(peer.name)?.path
  if (preference.others === undefined || further === undefined || further.includes(own.name)) return undefined
  return { preference: preference.others, path: [peer.name, ...further] }
}

function isBetter(one: Way, other: Way | undefined): boolean {
  if (other === undefined || one.preference !== other.preference) return one.preference > (other?.preference ?? -1)
  return one.path.length < other.path.length
}
