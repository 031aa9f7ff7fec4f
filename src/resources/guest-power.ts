// Starts and stops one guest; each returns after the task has ended.
import { OrionError } from '../errors.ts'
import type { Guest } from '../site/site.ts'
import { type Doing, runTask, unless } from './guest-task.ts'
import { pressSetupKeys } from './setup-keys.ts'

/** How long a guest may take to end itself before it is stopped hard, unless the site file says otherwise. Seconds. */
const SHUTDOWN_SECONDS = 60

/** Starts a guest on the node where it is; one that runs already is as wanted. Errors: E_TASK, E_PVE_LOST, E_PVE_BUSY. */
export async function startGuest(guest: Guest, node: string, doing: Doing): Promise<void> {
  await runTask(guest, node, doing, (api) => api.start())
    .catch(unless(/\b(VM|CT) \d+ already running\b/))
    .catch(suggestBridge(node))
  if (guest.unattended !== undefined) await pressSetupKeys(guest, node, doing)
}

/** Proxmox VE plugs a guest into its bridges only when it starts. */
function suggestBridge(node: string) {
  return (error: unknown): never => {
    if (!(error instanceof OrionError && /\bbridge '[^']+' does not exist/.test(error.message))) throw error
    const { message, code, recheck, suggestions } = error
    const first = `make the bridge first: orion net apply --node ${node}`
    throw new OrionError(message, { code, recheck, cause: error, suggestions: [first, ...suggestions] })
  }
}

/** Asks a guest to end itself, and stops it where it does not; one that does not run is as wanted. Errors: as startGuest. */
export async function stopGuest(guest: Guest, node: string, doing: Doing): Promise<void> {
  const seconds = guest.startup?.downSeconds ?? SHUTDOWN_SECONDS
  await runTask(guest, node, doing, (api) => api.shutdown(seconds)).catch(unless(/\b(VM|CT) \d+ not running\b/))
}
