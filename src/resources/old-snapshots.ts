// Snapshots of one guest that orion made and that are more than the site file keeps.
import type { Outside, Resource } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import type { ListedSnapshot } from './guest-api.ts'
import { ownSnapshots } from './guest-snapshot.ts'
import { type GuestState, readGuest, waitUnlocked } from './guest-state.ts'
import { type Doing, runTask, unless } from './guest-task.ts'
import { isShared } from './image-place.ts'

interface OldSnapshots {
  /** The oldest first. */
  readonly old: readonly ListedSnapshot[]
}

/** Those beyond the newest that stay. Only ours, by name and description. Errors: those of the guest. */
export function oldSnapshots(site: Site, guest: Guest): Resource<OldSnapshots> {
  return {
    id: `old-snapshots:${guest.node}/${guest.vmid}`,
    title: guest.name,
    needs: [],
    observe: async (outside) => ({ old: await readOld(site, guest, outside) }),
    diff: (have) => (have?.old ?? []).map(({ name }) => ({ field: name, have: 'kept' })),
    create: () => Promise.resolve(), // It is always observed as something.
    async update(outside, { old }, note) {
      const have = await readGuest(site, guest, outside)
      if (have === undefined) return
      await waitUnlocked(guest, have.node, outside, have)
      await drop(guest, have.node, old, { outside, note })
    },
    remove: () => Promise.resolve(),
  }
}

async function drop(guest: Guest, node: string, snapshots: readonly ListedSnapshot[], doing: Doing): Promise<void> {
  for (const { name } of snapshots) {
    const gone = unless(/snapshot '[^']*' does not exist/)
    await runTask(guest, node, doing, (api) => api.dropSnapshot(name)).catch(gone)
  }
}

/**
 * Before a VM moves while it runs: Proxmox VE copies no disk of a local storage that has a snapshot. Ours go; others stay, and then
 * the move fails in its words. Errors: those of Proxmox VE.
 */
export async function dropBeforeMove(site: Site, guest: Guest, have: GuestState, doing: Doing): Promise<void> {
  const names = [guest.storage, ...guest.disks.map(({ storage }) => storage)]
  const shared = new Set(site.storage.filter(isShared).map(({ name }) => name))
  if (guest.kind !== 'vm' || !have.running || names.every((name) => shared.has(name))) return
  if (have.settings.get('parent') === undefined) return
  const own = await ownSnapshots(site, guest, have.node, doing.outside)
  if (own.length === 0) return
  doing.note({
    kind: 'info',
    text: `${guest.name} cannot run on while it moves with snapshots: those of orion are removed`,
  })
  await drop(guest, have.node, [...own].reverse(), doing)
}

async function readOld(site: Site, guest: Guest, outside: Outside): Promise<readonly ListedSnapshot[]> {
  const have = await readGuest(site, guest, outside)
  // `parent` is the snapshot that a guest stands on: most have none, and need not be asked for a list.
  if (have?.settings.get('parent') === undefined) return []
  const own = await ownSnapshots(site, guest, have.node, outside)
  return own.slice(site.snapshots.keep).reverse()
}
