// One step of a run: look, decide, act, look again. Never repeats an action without having looked.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Difference, Note, Outside, Resource } from '../resource.ts'
import { type Decision, decide, type Goal, getStale, showDifference } from './decision.ts'
import { interrupted } from './limit.ts'
import type { PlanStep, Verb } from './plan.ts'

/** How often a step looks again after an error that only looking can explain. */
const ROUNDS = 4

/** Waits, milliseconds; must end at once when the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

export interface StepContext {
  readonly resource: Resource
  readonly step: PlanStep
  readonly goal: Goal
  readonly outside: Outside
  readonly note: Note
  /** True where something that it needs was changed by this run: then differences may be new. */
  readonly explained: boolean
  /** Called once, before the first action. */
  readonly acting: (verb: Verb) => void
  readonly pause: Pause
}

export interface StepResult {
  readonly outcome: 'done' | 'kept'
  readonly verb: Verb
  readonly differences: readonly Difference[]
  readonly waits: readonly Difference[]
}

/**
 * Brings one resource to what the plan wants. Errors: E_PLAN_STALE, E_IMMUTABLE, E_NOT_CONVERGED, E_INTERRUPTED, and whatever
 * the resource throws; after an error with `recheck` it looks again and decides anew, at most four times.
 */
export async function runStep(context: StepContext): Promise<StepResult> {
  const { outside, pause } = context
  const done: { last?: Decision } = {}
  for (let round = 0; ; round += 1) {
    try {
      return await attempt(context, done)
    } catch (error) {
      const recheck = error instanceof OrionError && error.recheck && round < ROUNDS
      if (!recheck || outside.signal.aborted) throw error
      await pause(1000 * 2 ** round * (0.5 + Math.random()), outside.signal)
    }
  }
}

async function attempt(context: StepContext, done: { last?: Decision }): Promise<StepResult> {
  const { resource, step, goal, outside } = context
  const first = await lookNow(context, done)
  if (first.now.verb === 'keep') {
    const { verb, differences } = done.last ?? { verb: 'keep', differences: [] }
    return { outcome: done.last ? 'done' : 'kept', verb, differences, waits: first.now.waits }
  }
  if (outside.signal.aborted) throw interrupted()
  if (!done.last) context.acting(first.now.verb)
  const isPrepared = !done.last && (await takePrecaution(context, first))
  const { have, now } = isPrepared ? await lookNow(context, done) : first
  done.last ??= first.now
  try {
    if (now.verb !== 'keep') await act(context, now.verb, have)
  } finally {
    outside.forget() // Also what others read while a task was running is old now.
  }
  const after = decide(resource, await resource.observe(outside), goal)
  refuseRest(step, after)
  return { outcome: 'done', verb: done.last.verb, differences: done.last.differences, waits: after.waits }
}

interface Sight {
  readonly have: unknown
  readonly now: Decision
}

async function lookNow(
  { resource, step, goal, outside, explained }: StepContext,
  done: { last?: Decision },
): Promise<Sight> {
  const have = await resource.observe(outside)
  const now = decide(resource, have, goal)
  if (now.error) throw now.error
  if (!done.last && !explained) refuseStale(step, now)
  return { have, now }
}

/** What comes before an update; false where nothing does. Errors: E_PLAN_STALE where the plan showed something else. */
async function takePrecaution(context: StepContext, { have, now }: Sight): Promise<boolean> {
  const { resource, step, outside, note, explained } = context
  if (now.verb !== 'update' || !resource.precaution) return false
  const text = await resource.precaution.plan(outside, have)
  if (!explained && text !== step.precaution) throw changed(step, text ?? 'nothing comes before the change any more')
  if (text === undefined) return false
  try {
    await resource.precaution.take(outside, have, note)
  } finally {
    outside.forget()
  }
  return true
}

function act({ resource, outside, note }: StepContext, verb: Verb, have: unknown): Promise<void> {
  if (verb === 'create') return resource.create(outside, note)
  if (verb === 'remove') return resource.remove(outside, have, note)
  return resource.update(outside, have, note)
}

function refuseStale(step: PlanStep, now: Decision): void {
  const stale = getStale(step, now)
  if (stale !== undefined) throw changed(step, stale)
}

function changed({ id, title }: PlanStep, stale: string): OrionError {
  return new OrionError(`${title} (${id}) changed after the plan was made: ${stale}`, {
    code: 'E_PLAN_STALE',
    suggestions: ['run it again: the new plan shows what is there now'],
  })
}

function refuseRest({ id, title }: PlanStep, after: Decision): void {
  if (after.verb === 'keep') return
  const rest = after.differences.map(showDifference).join(', ')
  const texts = { create: 'is not there', remove: 'is still there', update: rest, problem: rest, keep: '' }
  throw new OrionError(`${title} (${id}) is not as wanted after the change: ${texts[after.verb]}`, {
    code: 'E_NOT_CONVERGED',
    suggestions: [
      'look at the plan again: if the same difference stays, Proxmox VE stores another value than was asked for',
    ],
  })
}

/** The default pause: E_INTERRUPTED on abort. */
export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    throw interrupted('interrupted while waiting to look again')
  }
}
