// What is left over once everything is proved: snapshots that were made before changes, beyond those that stay.
import type { Report } from '../engine/report.ts'
import type { Resource } from '../resource.ts'
import type { Work } from './flow.ts'
import { toMatcher } from './pattern.ts'
import { say } from './talk.ts'

/** After a green verify. Never fails the run: what could not be tidied up is told, and tried again the next time. */
export async function tidy(work: Work): Promise<Report | undefined> {
  const { session, parts, flags } = work
  const matches = toMatcher(flags.only ?? ['*'])
  const all = parts.flatMap((part) => part.tidy?.(session.site) ?? [])
  const resources = all.filter(({ id, title }) => matches(id, title))
  if (resources.length === 0) return undefined
  try {
    return await takeAway(work, resources)
  } catch (error) {
    const { toProblem } = await import('../engine/report.ts')
    await say(work, `Old snapshots stay for now: ${toProblem(error).message}`)
    return undefined
  }
}

/** Errors: E_INTERRUPTED; E_APPLY where the journal cannot be kept. */
async function takeAway(work: Work, resources: readonly Resource[]): Promise<Report | undefined> {
  const { session, flags } = work
  const { makePlan } = await import('../engine/plan.ts')
  const { applyPlan } = await import('../engine/apply.ts')
  const { concurrency } = flags
  const whole = await makePlan(resources, session.outside, { site: session.site.name, concurrency, partial: true })
  for (const { title, problem } of whole.steps) if (problem) await say(work, toStay(title, problem.message))
  const plan = { ...whole, steps: whole.steps.filter(({ verb }) => verb === 'update') }
  if (plan.steps.length === 0) return undefined
  const { record, toResult } = await import('./journal.ts')
  const { getExit } = await import('../engine/report.ts')
  const run = () => applyPlan(plan, resources, session.outside, { concurrency })
  const report = await record(work, { command: 'old snapshots', plan }, run, (done) => toResult(done, getExit(done)))
  const gone = report.steps.filter(({ outcome }) => outcome === 'done').flatMap(({ differences }) => differences)
  const failed = report.steps.filter(({ outcome }) => outcome !== 'done')
  if (gone.length > 0) await say(work, `Removed ${gone.length} old ${gone.length === 1 ? 'snapshot' : 'snapshots'}.`)
  for (const { title, error } of failed) await say(work, toStay(title, error?.message ?? 'interrupted'))
  return report
}

const toStay = (title: string, why: string): string => `Old snapshots of ${title} stay for now: ${why}`
