// Going back: the plan, a question that says what is lost, the rollback, and what the site file wants after it.

import type { SnapshotRow } from '../console/snapshot-table.ts'
import type { Plan } from '../engine/plan.ts'
import { EXIT, OrionError } from '../errors.ts'
import { agree } from './agreement.ts'
import { carryOut, getResources, type Outcome, planExit, type Work } from './flow.ts'
import { showNext } from './next.ts'
import { show, showPlan, watched } from './talk.ts'

/** Takes the work with the part of one rollback. Errors: E_CONFIRM, E_LOCKED; a failed rollback is in the report. */
export async function rollback(work: Work, guest: string): Promise<Outcome> {
  const { session, command } = work
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command })
  try {
    return await planAndGoBack(work, guest)
  } finally {
    await lock.release()
  }
}

async function planAndGoBack(work: Work, guest: string): Promise<Outcome> {
  const { session, flags, json } = work
  const resources = getResources(work)
  const { makePlan } = await import('../engine/plan.ts')
  const options = { site: session.site.name, concurrency: flags.concurrency }
  const plan: Plan = await watched(work, (on) => makePlan(resources, session.outside, { ...options, on }))
  const wrong = plan.steps.find(({ problem }) => problem?.code === 'E_USAGE')?.problem
  if (wrong) throw new OrionError(wrong.message, wrong) // A snapshot that is not there is no problem of the guest.
  await showPlan(work, plan)
  if (flags['dry-run']) return { exit: await planExit(plan), document: { plan } }
  const question = `Go back? What ${guest} has written to its disks since then is lost.`
  const asked = { question, yes: flags.yes, json, session }
  const done = await carryOut(work, { plan, resources, agree: () => agree(asked) })
  if (done.exit === EXIT.ok) {
    const only = { ...work, flags: { ...flags, only: [guest] } }
    await showNext(only, 'What the site file wants of it', 'vm plan')
  }
  return done
}

/** The snapshots of a guest as a table, unless the one JSON document is wanted. */
export async function showSnapshots(
  work: Pick<Work, 'json'>,
  guest: string,
  rows: readonly SnapshotRow[],
): Promise<void> {
  await show(work, async (look) => (await import('../console/snapshot-table.ts')).renderSnapshots(guest, rows, look))
}
