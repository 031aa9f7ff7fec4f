// Carries out a plan: every step as soon as what it needs is done, within limits, and reports what became of each.
import { OrionError } from '../errors.ts'
import type { Outside, Resource, ResourceId } from '../resource.ts'
import type { On } from './events.ts'
import { getPlace, type Limit, makeLimit } from './limit.ts'
import { type Plan, type PlanStep, refuseProblems, type Verb } from './plan.ts'
import { getCounts, type Report } from './report.ts'
import { runInOrder } from './schedule.ts'
import { type Pause, pauseFor } from './step.ts'
import { type End, getEnd, takeTurn } from './turn.ts'
import { makeWaiting } from './waiting.ts'

export interface ApplyOptions {
  /** Steps at once, in all. */
  readonly concurrency: number
  /** Steps at once on one place (a node). Default 6. */
  readonly perPlace?: number
  readonly on?: On
  /** How long a step took when it was done last, milliseconds; undefined = nobody knows. */
  readonly lastMs?: (id: ResourceId, verb: Verb) => number | undefined
  /** How to wait before looking again; for tests. */
  readonly pause?: Pause
}

interface Run {
  readonly plan: Plan
  readonly resources: ReadonlyMap<ResourceId, Resource>
  readonly outside: Outside
  readonly on: On
  readonly pause: Pause
  readonly limit: Limit
  readonly ends: Map<ResourceId, End>
  readonly lastMs: NonNullable<ApplyOptions['lastMs']>
  /** How many steps of this run cannot begin before this one has ended. */
  readonly waiting: (id: ResourceId) => number
}

/**
 * Applies a plan, one of removal too. What fails, and Ctrl-C, is in the report, not thrown. On abort nothing new starts, and the
 * report names the tasks of Proxmox VE that go on. Errors: E_PLAN for a plan with problems, or one made of other resources.
 */
export async function applyPlan(
  plan: Plan,
  resources: readonly Resource[],
  outside: Outside,
  options: ApplyOptions,
): Promise<Report> {
  refuseProblems(plan)
  const { concurrency, perPlace = 6, on = () => {}, pause = pauseFor, lastMs = () => undefined } = options
  const limit = makeLimit({ concurrency, perPlace, signal: outside.signal })
  const byId = new Map(resources.map((resource) => [resource.id, resource]))
  const run: Run = {
    plan,
    resources: byId,
    outside,
    on,
    pause,
    limit,
    ends: new Map(),
    lastMs,
    waiting: makeWaiting(plan),
  }
  for (const { id } of plan.steps) getResource(run, id)
  const started = new Date()
  outside.forget() // The operator may have looked at the plan for an hour.
  on({ kind: 'apply-started', total: plan.steps.filter(({ verb }) => verb !== 'keep').length })
  await runInOrder(plan.steps, (step) => begin(run, step))
  return getReport(run, started)
}

function getResource({ resources, plan }: Run, id: ResourceId): Resource {
  const resource = resources.get(id)
  if (!resource) throw new OrionError(`the plan of ${plan.site} has ${id}, and the site has not`, { code: 'E_PLAN' })
  return resource
}

/** Ends at once what is not worth a look (as wanted, blocked, interrupted); the rest waits for its turn. */
function begin(run: Run, step: PlanStep): Promise<void> | undefined {
  const needs = step.needs.flatMap((need) => run.ends.get(need) ?? [])
  const explained = needs.some(({ changed }) => changed)
  const end = getEarlyEnd(step, needs, explained, run.outside.signal.aborted)
  if (!end) return takePlace(run, step, explained)
  run.ends.set(step.id, end)
  return undefined
}

function getEarlyEnd(step: PlanStep, needs: readonly End[], explained: boolean, aborted: boolean): End | undefined {
  const failed = needs.find(({ report }) => report.outcome === 'failed' || report.outcome === 'blocked')?.report
  if (failed) return getEnd(step, explained, { outcome: 'blocked', blockedBy: failed.blockedBy ?? failed.id })
  const stopped = needs.some(({ report }) => report.outcome === 'interrupted' || report.outcome === 'not-tried')
  const kept = step.verb === 'keep' && !explained
  if (kept && !stopped) return getEnd(step, explained, { outcome: 'kept' })
  return stopped || aborted ? getEnd(step, explained, { outcome: 'not-tried' }) : undefined
}

async function takePlace(run: Run, step: PlanStep, explained: boolean): Promise<void> {
  const { plan, outside, on, pause, limit, ends, lastMs, waiting } = run
  const resource = getResource(run, step.id)
  ends.set(step.id, getEnd(step, explained, { outcome: 'not-tried' }))
  const work = async () => {
    ends.set(
      step.id,
      await takeTurn({ step, resource, goal: plan.goal, outside, explained, on, pause, lastMs, waiting }),
    )
  }
  try {
    await limit.run(getPlace(step.id), work)
  } catch (error) {
    if (!outside.signal.aborted) throw error // Only a listener that throws comes here; on abort it is the turn that never came.
  }
}

function getReport({ plan, ends, outside }: Run, started: Date): Report {
  const all = plan.steps.flatMap(({ id }) => ends.get(id) ?? [])
  const steps = all.map(({ report }) => report)
  const counts = getCounts(steps)
  return {
    site: plan.site,
    started: started.toISOString(),
    ms: Date.now() - started.getTime(),
    steps,
    running: all.flatMap(({ running }) => running),
    interrupted: outside.signal.aborted && (counts.interrupted > 0 || counts['not-tried'] > 0),
    counts,
  }
}
