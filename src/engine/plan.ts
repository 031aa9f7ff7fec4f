// The plan: what is, what is wanted, and what would be done about it. Plain data, so what is shown is what is executed.
import { CODES, EXIT, OrionError } from '../errors.ts'
import type { Difference, Outside, Resource, ResourceId } from '../resource.ts'
import { decide, type Goal } from './decision.ts'
import type { On } from './events.ts'
import { getPlace, interrupted, makeLimit } from './limit.ts'
import { getOrder } from './order.ts'
import { type Problem, toProblem } from './report.ts'

/** `problem`: nothing can be done here until a person acted; such a plan is not applied. */
export type Verb = 'create' | 'update' | 'keep' | 'remove' | 'problem'

export interface PlanStep {
  readonly id: ResourceId
  readonly title: string
  readonly verb: Verb
  /** What would change. */
  readonly differences: readonly Difference[]
  /** What would not change in this run: it waits for a restart, or for what this version does not do yet. */
  readonly waits: readonly Difference[]
  /** Steps of this plan that come before it. */
  readonly needs: readonly ResourceId[]
  readonly problem?: Problem
  /** Of an update: what is done right before it, in words. */
  readonly precaution?: string
  /** Of a new thing: the whole of it in one line. */
  readonly brief?: string
}

export interface Plan {
  readonly site: string
  /** `absent` for a plan of removal. */
  readonly goal: Goal
  /** In an order in which they could be done one after another. */
  readonly steps: readonly PlanStep[]
}

export interface PlanOptions {
  readonly site: string
  /** How many are looked at at once. */
  readonly concurrency: number
  /** How many of one place; default: no limit of its own. */
  readonly perPlace?: number
  /** True where only some resources were asked for (--only): needs outside of them are taken as met. */
  readonly partial?: boolean
  readonly on?: On
}

/**
 * Looks at every resource and says what applying would do. What cannot be looked at, or not be changed, becomes a `problem`
 * step, so that all of them are seen at once. Errors: E_PLAN (ids, needs), E_INTERRUPTED.
 */
export async function makePlan(resources: readonly Resource[], outside: Outside, options: PlanOptions): Promise<Plan> {
  const ordered = getOrder(resources, options)
  return { site: options.site, goal: 'present', steps: await lookAtAll(ordered, outside, options, 'present') }
}

/** The opposite plan: all that is there goes, and what needs a thing goes before it. Needs outside of the list do not count. */
export async function makeRemovalPlan(
  resources: readonly Resource[],
  outside: Outside,
  options: PlanOptions,
): Promise<Plan> {
  const ordered = getOrder(resources, { partial: true }).reverse()
  const steps = await lookAtAll(ordered, outside, options, 'absent')
  const before = new Map<ResourceId, ResourceId[]>(steps.map(({ id }) => [id, []]))
  for (const { id, needs } of steps) for (const need of needs) before.get(need)?.push(id)
  return {
    site: options.site,
    goal: 'absent',
    steps: steps.map((step) => ({ ...step, needs: before.get(step.id) ?? [] })),
  }
}

async function lookAtAll(
  resources: readonly Resource[],
  outside: Outside,
  { concurrency, perPlace, on }: PlanOptions,
  goal: Goal,
): Promise<PlanStep[]> {
  const { signal } = outside
  const limit = makeLimit({ concurrency, signal, ...(perPlace === undefined ? {} : { perPlace }) })
  const known = new Set(resources.map(({ id }) => id))
  let done = 0
  const steps = resources.map(async (resource) => {
    const step = await limit.run(getPlace(resource.id), () => lookAt(resource, outside, goal))
    done += 1
    on?.({ kind: 'plan-progress', done, total: resources.length })
    return { ...step, needs: resource.needs.filter((need) => known.has(need)) }
  })
  return Promise.all(steps)
}

async function lookAt(resource: Resource, outside: Outside, goal: Goal): Promise<PlanStep> {
  const { id, title, needs } = resource
  try {
    const have = await resource.observe(outside)
    const { verb, differences, waits, error } = decide(resource, have, goal)
    const first = verb === 'update' ? await resource.precaution?.plan(outside, have) : undefined
    const precaution = first === undefined ? {} : { precaution: first }
    const brief = verb === 'create' && resource.brief !== undefined ? { brief: resource.brief } : {}
    return {
      id,
      title,
      verb,
      differences,
      waits,
      needs,
      ...precaution,
      ...brief,
      ...(error ? { problem: toProblem(error) } : {}),
    }
  } catch (error) {
    if (outside.signal.aborted) throw interrupted('interrupted while looking at what is there')
    return { id, title, verb: 'problem', differences: [], waits: [], needs, problem: toProblem(error) }
  }
}

/** How many steps of each verb, and how many differences wait. */
export function getPlanCounts({ steps }: Plan): Readonly<Record<Verb | 'waits', number>> {
  const counts = { create: 0, update: 0, keep: 0, remove: 0, problem: 0, waits: 0 }
  for (const { verb, waits } of steps) {
    counts[verb] += 1
    counts.waits += waits.length
  }
  return counts
}

/** True where applying would change nothing: all is as wanted, but for what waits. A problem is not nothing. */
export function isEmpty({ steps }: Plan): boolean {
  return steps.every(({ verb }) => verb === 'keep')
}

/** The exit code of a plan alone: 4 where every problem of it is a guarded change that its host's own facts refuse. */
export function getPlanExit(plan: Plan): number {
  const problems = plan.steps.flatMap(({ problem }) => (problem ? [CODES[problem.code]] : []))
  if (problems.length === 0) return isEmpty(plan) ? EXIT.ok : EXIT.differences
  return problems.every((exit) => exit === EXIT.rolledBack) ? EXIT.rolledBack : EXIT.failed
}

/** Errors: E_PLAN naming the problems (the first twenty), before anything was changed. */
export function refuseProblems({ site, steps }: Plan): void {
  const problems = steps.filter(({ verb }) => verb === 'problem')
  if (problems.length === 0) return
  const lines = problems.slice(0, 20).map(({ id, problem }) => `  ${id}: ${problem?.message ?? 'cannot be planned'}`)
  if (problems.length > lines.length) lines.push(`  and ${problems.length - lines.length} more`)
  const suggestions = [...new Set(problems.flatMap(({ problem }) => problem?.suggestions ?? []))]
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  throw new OrionError(`${site} cannot be applied: the plan has ${count}\n${lines.join('\n')}`, {
    code: 'E_PLAN',
    suggestions,
  })
}
