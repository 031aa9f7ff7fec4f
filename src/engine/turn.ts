// The turn of one step within a run: its events, its notes, its time, and the line of the report that it ends with.
import { OrionError } from '../errors.ts'
import type { News, Outside, Resource, ResourceId } from '../resource.ts'
import type { Goal } from './decision.ts'
import type { On, StepStarted } from './events.ts'
import type { PlanStep, Verb } from './plan.ts'
import { type ReportStep, type RunningTask, toProblem } from './report.ts'
import { type Pause, runStep } from './step.ts'

/** How a step ended, for the report and for the steps that need it. */
export interface End {
  readonly report: ReportStep
  /** True where this run changed it, or something that it needs: what needs it may see differences that the plan had not. */
  readonly changed: boolean
  readonly running: readonly RunningTask[]
}

export interface Turn {
  readonly step: PlanStep
  readonly resource: Resource
  readonly goal: Goal
  readonly outside: Outside
  readonly explained: boolean
  readonly on: On
  readonly pause: Pause
  /** How long it took when it was done last, and how many steps wait for it. */
  readonly lastMs: (id: ResourceId, verb: Verb) => number | undefined
  readonly waiting: (id: ResourceId) => number
}

/** What a step told so far. */
interface Told {
  readonly warnings: string[]
  readonly notes: string[]
  readonly tasks: Set<string>
}

/** The end of a step that had no turn. */
export function getEnd(step: PlanStep, changed: boolean, how: Pick<ReportStep, 'outcome' | 'blockedBy'>): End {
  const { id, title, verb, differences, waits } = step
  const report = { id, title, verb, ms: 0, differences, waits, warnings: [], notes: [], ...how }
  return { report, changed, running: [] }
}

/** Runs the step; its errors are in the end, not thrown. A step that turns out to have nothing to do tells nothing. */
export async function takeTurn(turn: Turn): Promise<End> {
  const { step, on } = turn
  const { id, title } = step
  const start = performance.now()
  const told: Told = { warnings: [], notes: [], tasks: new Set() }
  let started = false
  const acting = (verb: Verb): void => {
    if (!started) on({ kind: 'step-started', id, title, verb, ...getOutlook(turn, verb) })
    started = true
  }
  const note = (news: News): void => {
    keep(told, news)
    on({ kind: 'step-news', id, title, news })
  }
  if (step.verb !== 'keep') acting(step.verb)
  const [end, thrown] = await getOutcome({ ...turn, note, acting }, told)
  const ms = Math.round(performance.now() - start)
  const { verb, outcome, error } = end.report
  if (error) acting(verb)
  const problem = error ? { problem: error, thrown } : {}
  if (started) on({ kind: 'step-ended', id, title, verb, outcome, ms, ...problem })
  return { ...end, report: { ...end.report, ms } }
}

/** What a person wants to know of a step that begins: how long, and who waits. */
function getOutlook({ step: { id }, lastMs, waiting }: Turn, verb: Verb): Pick<StepStarted, 'lastMs' | 'waiting'> {
  const [ms, count] = [lastMs(id, verb), waiting(id)]
  return { ...(ms === undefined ? {} : { lastMs: ms }), ...(count === 0 ? {} : { waiting: count }) }
}

async function getOutcome(context: Parameters<typeof runStep>[0], told: Told): Promise<readonly [End, unknown?]> {
  const { step, explained, outside } = context
  const { id, title } = step
  const { warnings, notes } = told
  const whole = { id, title, ms: 0, warnings, notes }
  try {
    const result = await runStep(context)
    // A task whose end was not seen, of a step that is as wanted, has nothing left to do.
    return [{ report: { ...whole, ...result }, changed: explained || result.outcome === 'done', running: [] }]
  } catch (error) {
    const running = [...told.tasks].map((upid) => ({ upid, id, title }))
    const outcome = isInterrupt(error, outside.signal) ? 'interrupted' : 'failed'
    const { verb, differences, waits } = step
    return [
      { report: { ...whole, verb, outcome, differences, waits, error: toProblem(error) }, changed: true, running },
      error,
    ]
  }
}

function isInterrupt(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof OrionError) return error.code === 'E_INTERRUPTED'
  return signal.aborted && error instanceof Error && error.name === 'AbortError'
}

function keep({ warnings, notes, tasks }: Told, news: News): void {
  if (news.kind === 'log') return
  if (news.kind === 'task') {
    if (news.state === 'running') tasks.add(news.upid)
    else tasks.delete(news.upid)
    return
  }
  const texts = news.kind === 'warning' ? warnings : notes
  texts.push(news.text)
}
