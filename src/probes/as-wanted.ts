// Proof that a resource is as the site file says: looked at and compared, as a plan does it.
import type { Difference, Outside, Probe, ProbeResult, Resource } from '../resource.ts'

/** Takes what people call the wanted state, e.g. `present`. A difference fails; one that only waits is a warning. */
export function asWanted(resource: Resource, expected: string): Probe {
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const have = await resource.observe(outside)
    if (have === undefined) return { state: 'failed', expected, seen: 'absent', hint: 'orion bootstrap' }
    const differences = resource.diff(have)
    const real = differences.filter(({ waits }) => waits === undefined)
    if (real.length > 0) return { state: 'failed', expected, seen: show(real), hint: hintOf(real, 'orion bootstrap') }
    if (differences.length > 0)
      return {
        state: 'warning',
        expected,
        seen: `waiting: ${show(differences)}`,
        hint: waitHint(resource, differences),
      }
    return { state: 'ok', expected, seen: expected }
  }
  return { id: `as-wanted:${resource.id}`, title: resource.title, run }
}

/** Where a difference has no hint of its own. */
const WAIT_HINTS = {
  restart: '',
  turn: 'apply it once more',
  other: 'apply it with its other end, too',
  operator: 'yours to do',
} as const

function waitHint({ title }: Resource, differences: readonly Difference[]): string {
  const kinds = differences.flatMap(({ waits }) => waits ?? [])
  if (kinds.includes('restart')) return `orion vm apply --restart --only ${title}`
  return hintOf(differences, [...new Set(kinds.map((kind) => WAIT_HINTS[kind]))].join('; '))
}

function show(differences: readonly Difference[]): string {
  return differences.map(({ field, have, want }) => `${field} ${have ?? 'none'}, wanted ${want ?? 'none'}`).join('; ')
}

function hintOf(differences: readonly Difference[], otherwise: string): string {
  const hints = new Set(differences.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))
  return hints.size === 0 ? otherwise : [...hints].join('; ')
}
