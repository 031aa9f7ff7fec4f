// Writes that start a task of one guest: sent once, waited for, and never in vain.
import { OrionError } from '../errors.ts'
import type { Note, Outside } from '../resource.ts'
import type { Guest } from '../site/site.ts'
import { type GuestApi, guestApi } from './guest-api.ts'

/** Where something is done to a guest, and who is told. */
export interface Doing {
  readonly outside: Outside
  readonly note: Note
}

/**
 * Starts a task of the guest on the node where it is, and waits for its end. Where the answer was lost, it waits for what runs
 * on that guest before it throws: whoever looks then sees the outcome, and does not do it again beside the first.
 * Errors: E_TASK, E_PVE_LOST and E_PVE_BUSY (recheck), and those of the call.
 */
export async function runTask(
  guest: Guest,
  node: string,
  { outside, note }: Doing,
  start: (api: GuestApi) => Promise<string>,
): Promise<void> {
  const cluster = outside.pve.cluster(guest.node)
  const upid = await start(guestApi(cluster, guest.kind, node, guest.vmid)).catch(async (error: unknown) => {
    if (error instanceof OrionError && error.code === 'E_PVE_LOST') await waitForTasks(guest, node, { outside, note })
    throw error
  })
  await cluster.task(upid, note)
}

/** Waits for the tasks that run on a guest. How they end does not matter here: the guest tells. */
async function waitForTasks(guest: Guest, node: string, { outside, note }: Doing): Promise<void> {
  const cluster = outside.pve.cluster(guest.node)
  const tasks = await cluster.api.nodes.$(node).tasks.$get({ source: 'active', vmid: guest.vmid })
  for (const { upid, endtime } of tasks) {
    if (endtime === undefined) await cluster.task(upid, note).catch(unlessInterrupted)
  }
}

function unlessInterrupted(error: unknown): void {
  if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
}

/** Catches the error of a task that found nothing to do, e.g. because an earlier run had started the same. */
export function unless(done: RegExp) {
  return (error: unknown): void => {
    if (!(error instanceof OrionError && done.test(error.message))) throw error
  }
}
