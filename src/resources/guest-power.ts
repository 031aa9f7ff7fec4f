// Starts and stops one guest; each returns after the task has ended.
import type { Note, Outside } from '../resource.ts'
import type { Guest } from '../site/site.ts'
import { guestApi } from './guest-api.ts'

/** How long a guest may take to end itself before it is stopped hard, unless the site file says otherwise. Seconds. */
const SHUTDOWN_SECONDS = 60

/** Starts a stopped guest on the node where it is. Errors: E_TASK, E_PVE_BUSY. */
export async function startGuest(guest: Guest, node: string, outside: Outside, note: Note): Promise<void> {
  const cluster = outside.pve.cluster(guest.node)
  await cluster.task(await guestApi(cluster, guest.kind, node, guest.vmid).start(), note)
}

/** Asks a running guest to end itself, and stops it where it does not. Errors: E_TASK, E_PVE_BUSY. */
export async function stopGuest(guest: Guest, node: string, outside: Outside, note: Note): Promise<void> {
  const cluster = outside.pve.cluster(guest.node)
  const seconds = guest.startup?.downSeconds ?? SHUTDOWN_SECONDS
  await cluster.task(await guestApi(cluster, guest.kind, node, guest.vmid).shutdown(seconds), note)
}
