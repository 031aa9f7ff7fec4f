// Which of many address ranges collide: one sorted sweep instead of every pair.
import type { IpRange } from '../ip.ts'

/** Something that takes addresses; `order` is its place in the site file. */
export interface Taken extends IpRange {
  readonly order: number
}

/**
 * Each range that meets an earlier one of the sweep, with that one; `later` stands later in the site file. A range that
 * meets several is told once, with the widest reach so far, so n collisions give n findings and not n².
 */
export function collisions<T extends Taken>(ranges: readonly T[]): { readonly earlier: T; readonly later: T }[] {
  const sorted = [...ranges].sort(compare)
  const found: { earlier: T; later: T }[] = []
  let reach: T | undefined
  for (const range of sorted) {
    if (reach !== undefined && reach.family === range.family && range.first <= reach.last) {
      const inOrder = reach.order < range.order
      found.push(inOrder ? { earlier: reach, later: range } : { earlier: range, later: reach })
      if (range.last > reach.last) reach = range
    } else reach = range
  }
  return found
}

function compare(a: Taken, b: Taken): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  if (a.last !== b.last) return a.last > b.last ? -1 : 1
  return a.order - b.order
}
