// Which verb a resource needs, from what was seen of it; and whether that is still what the plan showed.
import { OrionError } from '../errors.ts'
import type { Difference, Resource } from '../resource.ts'
import type { PlanStep, Verb } from './plan.ts'

/** What a plan wants of its resources: there and as declared, or not there. */
export type Goal = 'present' | 'absent'

export interface Decision {
  readonly verb: Verb
  readonly differences: readonly Difference[]
  readonly waits: readonly Difference[]
  /** With the verb `problem`. */
  readonly error?: OrionError
}

/** Absent → create, a difference → update, none or only waiting ones → keep, one that orion must not change → problem. */
export function decide(resource: Resource, have: unknown, goal: Goal): Decision {
  if (goal === 'absent') return { verb: have === undefined ? 'keep' : 'remove', differences: [], waits: [] }
  const all = resource.diff(have)
  const differences = all.filter(({ waits }) => waits === undefined)
  const waits = all.filter((difference) => difference.waits !== undefined)
  if (have === undefined) return { verb: 'create', differences, waits }
  const immutable = differences.filter((difference) => difference.immutable)
  if (immutable.length > 0) return { verb: 'problem', differences, waits, error: refuse(resource, immutable) }
  return { verb: differences.length > 0 ? 'update' : 'keep', differences, waits }
}

function refuse({ id, title }: Resource, immutable: readonly Difference[]): OrionError {
  const fields = immutable.map(showDifference).join(', ')
  return new OrionError(`${title} (${id}) exists, and orion does not change this by itself: ${fields}`, {
    code: 'E_IMMUTABLE',
    suggestions: [...new Set(immutable.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))],
  })
}

/** `memory 2048 → 4096`, on one line, for a message. */
export function showDifference({ field, have, want }: Difference): string {
  return `${field} ${have ?? 'none'} → ${want ?? 'none'}`
}

/**
 * What was decided now and was not shown in the plan, as text for a message; undefined where it is what was shown, or less.
 * A thing that vanished meanwhile is more than was shown, even if its fields would read the same.
 */
export function getStale(step: PlanStep, now: Decision): string | undefined {
  if (now.verb === 'keep') return undefined
  if (now.verb === 'create' && step.verb !== 'create') return 'it is gone'
  if (now.verb === 'remove' && step.verb !== 'remove') return 'it is there again'
  if (now.verb === 'update' && step.verb === 'create') return 'it was created by somebody else'
  const shown = new Set(step.differences.map(showDifference))
  const fresh = now.differences.map(showDifference).filter((text) => !shown.has(text))
  return fresh.length > 0 ? fresh.join(', ') : undefined
}
