// Taking things away: plan of removal, the name typed, removal, proof that it is gone.
import { refuseMute } from './agreement.ts'
import { carryOut, getResources, type Outcome, planExit, type Work } from './flow.ts'
import { showPlan, watched } from './talk.ts'

interface Wish {
  readonly name: string
  /** The name from --confirm; undefined = it must be typed. */
  readonly confirm: string | undefined
}

/** Errors: E_CONFIRM for a wrong or missing name, E_LOCKED; a failed removal is in the report. */
export async function destroy(work: Work, wish: Wish): Promise<Outcome> {
  const { session, command } = work
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command })
  try {
    return await planAndRemove(work, wish)
  } finally {
    await lock.release()
  }
}

async function planAndRemove(work: Work, wish: Wish): Promise<Outcome> {
  const { makeRemovalPlan } = await import('../engine/plan.ts')
  const { session, flags } = work
  const resources = getResources(work)
  const options = { site: session.site.name, concurrency: flags.concurrency }
  const plan = await watched(work, (on) => makeRemovalPlan(resources, session.outside, { ...options, on }))
  await showPlan(work, plan)
  if (flags['dry-run']) return { exit: await planExit(plan), document: { plan } }
  return carryOut(work, { plan, resources, agree: () => agree(work, wish) })
}

async function agree({ json, session }: Work, { name, confirm }: Wish): Promise<void> {
  const { refuseOther, typeName } = await import('../console/ask.ts')
  if (confirm !== undefined) return refuseOther(name, confirm)
  refuseMute({ json, session }, 'nothing was removed', `add --confirm ${name}`)
  await typeName(name, `This destroys ${name} and its disks. Type its name:`, {
    signal: session.outside.signal,
  })
}
