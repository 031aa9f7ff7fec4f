// Going back to a snapshot of one guest, and what there is to go back to.
import { OrionError } from '../errors.ts'
import type { Outside, Part } from '../resource.ts'
import { guestRollback } from '../resources/guest-rollback.ts'
import { allSnapshots, isOwnSnapshot } from '../resources/guest-snapshot.ts'
import { readGuest } from '../resources/guest-state.ts'
import type { Site } from '../site/site.ts'
import { getGuest } from './power.ts'

/** One guest as of a snapshot that orion made; undefined = the newest. Errors of `resources`: E_USAGE for an unknown guest. */
export function rollbackOf(name: string, snapshot: string | undefined): Part {
  return {
    name: 'rollback',
    resources: (site) => [guestRollback(site, getGuest(site, name), snapshot)],
    probes: () => [],
  }
}

/** A snapshot of a guest, for people and for `--json`. */
export interface SnapshotLine {
  readonly name: string
  /** ISO 8601, UTC; absent where Proxmox VE does not know. */
  readonly taken?: string
  /** False for one that orion did not make for this site, and leaves alone. */
  readonly own: boolean
  readonly description: string
}

/** The newest first. Errors: E_USAGE for a guest that is unknown or not there, and those of the guest. */
export async function listSnapshots(site: Site, name: string, outside: Outside): Promise<readonly SnapshotLine[]> {
  const guest = getGuest(site, name)
  const have = await readGuest(site, guest, outside)
  if (have === undefined) {
    const suggestions = [`create it: orion vm apply --only ${name}`]
    throw new OrionError(`${name} (${guest.vmid} on ${guest.node}) is not there`, { code: 'E_USAGE', suggestions })
  }
  return (await allSnapshots(guest, have.node, outside)).map((one) => ({
    name: one.name,
    ...(one.snaptime ? { taken: new Date(Number(one.snaptime) * 1000).toISOString() } : {}),
    own: isOwnSnapshot(site, one),
    description: one.description ?? '',
  }))
}
