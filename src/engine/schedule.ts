// Runs things in the order of their needs, each as soon as all that it needs has ended.
import type { ResourceId } from '../resource.ts'
import type { Ordered } from './order.ts'

/**
 * Calls `begin` once for each item, after all of its needs ended; ends when all have. `begin` returns undefined for what ended
 * at once. The needs must be among the items and free of circles. Rejects with whatever `begin` throws.
 */
export function runInOrder<T extends Ordered>(
  items: readonly T[],
  begin: (item: T) => Promise<void> | undefined,
): Promise<void> {
  const dependents = new Map<ResourceId, T[]>(items.map(({ id }) => [id, []]))
  for (const item of items) for (const need of item.needs) dependents.get(need)?.push(item)
  const missing = new Map(items.map(({ id, needs }) => [id, needs.length]))
  let ended = 0
  return new Promise((resolve, reject) => {
    // A list instead of recursion: a chain of things that end at once may be thousands long.
    const beginAll = (ready: T[]): void => {
      for (let at = 0; at < ready.length; at += 1) {
        const item = ready[at] as T
        const running = begin(item)
        if (running === undefined) ready.push(...end(item))
        else running.then(() => beginAll(end(item))).catch(reject)
      }
      if (ended === items.length) resolve()
    }
    const end = (item: T): T[] => {
      ended += 1
      return (dependents.get(item.id) ?? []).filter(({ id }) => {
        const left = (missing.get(id) ?? 0) - 1
        missing.set(id, left)
        return left === 0
      })
    }
    beginAll(items.filter(({ needs }) => needs.length === 0))
  })
}
