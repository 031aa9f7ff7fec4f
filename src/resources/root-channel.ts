// The root channel: options that only root@pam may set, with `qm` or `pct` as root on the node where the guest is.

import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Guest } from '../site/site.ts'
import type { Changes } from './setting.ts'

/** Proxmox VE waits ten seconds for the lock of a guest. */
const TIMEOUT_MS = 60_000

/**
 * `qm set 100 --affinity 4-7 --delete hookscript --digest …`. The tools run as the user root@pam, which no token equals.
 * With the digest of what was read, a change that somebody made meanwhile is not overwritten.
 */
export function getRootCommand(
  { kind, vmid }: Pick<Guest, 'kind' | 'vmid'>,
  { set, drop }: Changes,
  digest: string | undefined,
): readonly string[] {
  return [
    kind === 'vm' ? 'qm' : 'pct',
    'set',
    String(vmid),
    ...Object.entries(set).flatMap(([key, value]) => [`--${key}`, value]),
    ...(drop.length === 0 ? [] : ['--delete', drop.join(',')]),
    ...(digest === undefined ? [] : ['--digest', digest]),
  ]
}

/**
 * Sets them on the host. Errors: E_PVE_BUSY (recheck) where a lock could not be had or somebody changed the guest meanwhile,
 * and those of `run`.
 */
export async function setAsRoot(
  host: Pick<Host, 'run'>,
  guest: Guest,
  changes: Changes,
  digest: string | undefined,
): Promise<void> {
  try {
    await host.run(getRootCommand(guest, changes, digest), { timeoutMs: TIMEOUT_MS })
  } catch (error) {
    if (!(error instanceof OrionError && error.code === 'E_HOST_COMMAND' && BUSY.test(error.message))) throw error
    throw new OrionError(error.message, { code: 'E_PVE_BUSY', recheck: true, cause: error })
  }
}

/** What `qm` and `pct` say where a lock could not be had, or somebody changed the guest meanwhile. */
export const BUSY = /can't lock file|got timeout|is locked \(|checksum mismatch|detected modified configuration/i
