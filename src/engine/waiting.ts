// How much of a plan waits for one of its steps, near and far.
import type { ResourceId } from '../resource.ts'
import type { Plan } from './plan.ts'

/** The number of steps with something to do that cannot begin before a step has ended. Each is counted once. */
export function makeWaiting({ steps }: Plan): (id: ResourceId) => number {
  const dependents = new Map<ResourceId, ResourceId[]>()
  for (const { id, needs } of steps)
    for (const need of needs) {
      const known = dependents.get(need)
      if (known) known.push(id)
      else dependents.set(need, [id])
    }
  const idle = new Set(steps.flatMap(({ id, verb }) => (verb === 'keep' ? [id] : [])))
  return (id) => {
    // A set that grows while it is walked: what is added is walked, too.
    const found = new Set<ResourceId>([id])
    for (const one of found) for (const next of dependents.get(one) ?? []) found.add(next)
    let count = 0
    for (const one of found) if (one !== id && !idle.has(one)) count += 1
    return count
  }
}
