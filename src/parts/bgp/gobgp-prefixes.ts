// Prefix sets as GoBGP reads them: of one family each, and only the entry with the longest matching prefix counts.
import { type Cidr, contains, type Family, formatNetwork, parseCidr } from '../../site/ip.ts'
import type { PrefixRange } from './gobgp-model.ts'

export const BITS = { 4: 32, 6: 128 } as const

/** A prefix and everything in it. Errors: RangeError for what is no CIDR. */
export function inside(prefix: string): PrefixRange {
  const cidr = cidrOf(prefix)
  return { prefix: formatNetwork(cidr), min: cidr.prefix, max: BITS[cidr.family] }
}

/** The prefix itself and nothing in it. */
export function exactly(prefix: string): PrefixRange {
  const range = inside(prefix)
  return { ...range, max: range.min }
}

export function familyOfPrefix(prefix: string): Family {
  return cidrOf(prefix).family
}

/** Does `outer` hold all of `inner`? */
export function isInside(outer: string, inner: string): boolean {
  return contains(cidrOf(outer), cidrOf(inner))
}

/** As isInside, and smaller: one that is as wide makes nothing of ours somebody else's. */
export function isPartOf(outer: string, inner: string): boolean {
  return isInside(outer, inner) && !isInside(inner, outer)
}

/**
 * The same set for a reader that takes the entry with the longest matching prefix alone: what a wider entry allows is said again
 * at every narrower one. Pure; keeps what the set matches.
 */
export function spreadOut(set: readonly PrefixRange[]): readonly PrefixRange[] {
  const all = set.map((range) => ({ range, cidr: cidrOf(range.prefix) }))
  const spread = all.flatMap(({ cidr }) => {
    const over = all.filter((other) => contains(other.cidr, cidr))
    const spans = over.map(({ range }) => ({ min: Math.max(range.min, cidr.prefix), max: range.max }))
    return joined(spans.filter(({ min, max }) => min <= max)).map((span) => ({ prefix: formatNetwork(cidr), ...span }))
  })
  return [...new Map(spread.map((range) => [`${range.prefix} ${range.min} ${range.max}`, range])).values()]
}

interface Span {
  readonly min: number
  readonly max: number
}

function joined(spans: readonly Span[]): readonly Span[] {
  const found: Span[] = []
  for (const span of [...spans].sort((a, b) => a.min - b.min)) {
    const last = found.at(-1)
    if (last && span.min <= last.max + 1) found[found.length - 1] = { min: last.min, max: Math.max(last.max, span.max) }
    else found.push(span)
  }
  return found
}

function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw new RangeError(`${text} is no prefix`)
  return cidr
}
