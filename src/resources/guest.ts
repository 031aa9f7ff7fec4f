// What virtual machines and containers have in common: observe, compare, create, change, remove one guest.
import { OrionError } from '../errors.ts'
import type { Difference, Note, Outside, Resource, ResourceId, Wishes } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { hasDevices } from './device-value.ts'
import { adoptedGone, adoptedStays } from './guest-adopted.ts'
import type { Parameters } from './guest-api.ts'
import { guestBrief } from './guest-brief.ts'
import { configure, configureAsRoot } from './guest-configure.ts'
import { diffDisks, diskChanges, newDisks, type WantedDisk } from './guest-disks.ts'
import { startGuest, stopGuest } from './guest-power.ts'
import { snapshotFirst } from './guest-snapshot.ts'
import { type GuestState, readGuest, waitUnlocked } from './guest-state.ts'
import { type Doing, runTask } from './guest-task.ts'
import { createParameters, diffSettings, newSettings, type Settings, type Wanted } from './setting.ts'
import { isNotFound } from './shared-reads.ts'

/** What a kind of guest adds to the common course. */
export interface GuestShape {
  readonly site: Site
  readonly guest: Guest
  readonly wishes: Wishes
  readonly needs: readonly ResourceId[]
  readonly disks: readonly WantedDisk[]
  /** The rows of its table; given what is there, also those that take surplus away. */
  rows(have: Settings): readonly Wanted[]
  /** What else a creation sends: where the guest comes from. */
  origin(outside: Outside): Promise<Parameters>
}

/**
 * A guest of the site. It is ours by VMID, UUID (or MAC address) and tags, and managed on the node where it is found.
 * A creation that ends in the middle is completed by the next run: what is missing is then a difference.
 * A running guest whose site file says `started: false` is left running: orion starts guests, and stops them only when asked.
 */
export function guestResource(shape: GuestShape): Resource<GuestState> {
  const { site, guest, needs } = shape
  const diff = (have: GuestState) => diffGuest(shape, have)
  const precaution = snapshotFirst<GuestState>({ site, guest, diff, stateOf: (have) => have })
  return {
    id: `${guest.kind === 'vm' ? 'vm' : 'container'}:${guest.node}/${guest.vmid}`,
    title: guest.name,
    brief: guestBrief(guest),
    needs,
    observe: async (outside) => {
      const have = await readGuest(site, guest, outside)
      if (have === undefined && guest.adopted) throw adoptedGone(guest)
      return have
    },
    diff: (have) => (have === undefined ? absentGuest(shape) : diff(have)),
    create: (outside, note) => createGuest(shape, outside, note),
    update: (outside, have, note) => updateGuest(shape, have, { outside, note }),
    remove: (outside, have, note) => removeGuest(guest, have, { outside, note }),
    ...(precaution === undefined ? {} : { precaution }),
  }
}

/** A guest with devices is started when it has them (guest-devices.ts). */
function startsHere({ site, guest }: GuestShape): boolean {
  return guest.started && !hasDevices(site, guest)
}

function absentGuest(shape: GuestShape): readonly Difference[] {
  const { guest, disks, rows } = shape
  const pool = guest.pool === undefined ? [] : [{ field: 'pool', want: guest.pool }]
  const status = startsHere(shape) ? [{ field: 'status', want: 'running' }] : []
  return [...newSettings(rows(new Map())), ...newDisks(disks), ...pool, ...status]
}

function diffGuest(shape: GuestShape, have: GuestState): readonly Difference[] {
  const { guest, wishes, disks, rows } = shape
  const restart = wishes.restart && have.running
  const settings = diffSettings(rows(have.settings), have.settings, { restart })
  const status = startsHere(shape) && !have.running ? [{ field: 'status', have: 'stopped', want: 'running' }] : []
  return [...settings, ...diffDisks(disks, have.settings, { restart }), ...diffPool(guest, have), ...status]
}

function diffPool({ pool }: Guest, have: GuestState): readonly Difference[] {
  if (pool === undefined || have.pool === pool) return []
  return [{ field: 'pool', want: pool, ...(have.pool === undefined ? {} : { have: have.pool }) }]
}

async function createGuest(shape: GuestShape, outside: Outside, note: Note): Promise<void> {
  const { site, guest, disks, rows, origin } = shape
  const parameters = {
    ...(await origin(outside)),
    ...createParameters(rows(new Map())),
    ...Object.fromEntries(disks.map(({ slot, fresh }) => [slot, fresh])),
    ...(guest.pool === undefined ? {} : { pool: guest.pool }),
  }
  await runTask(guest, guest.node, { outside, note }, (api) => api.create(parameters))
  // An imported disk is as small as its image, and the guest is stopped: the rest is the same as a change of an existing one.
  outside.pve.forget()
  const have = await readGuest(site, guest, outside)
  if (have !== undefined) await updateGuest(shape, have, { outside, note })
}

async function updateGuest(shape: GuestShape, have: GuestState, doing: Doing): Promise<void> {
  const { guest, disks, wishes } = shape
  const { outside } = doing
  await waitUnlocked(guest, have.node, outside, have)
  const disk = diskChanges(disks, have.settings)
  await configure(shape, have, doing)
  for (const { slot, sizeGib } of disk.grow) {
    await runTask(guest, have.node, doing, (api) => api.resize(slot, `${sizeGib}G`))
  }
  await configureAsRoot(shape, have, doing)
  if (guest.pool !== undefined && guest.pool !== have.pool) {
    await outside.pve
      .cluster(guest.node)
      .api.pools.$put({ poolid: guest.pool, vms: String(guest.vmid), 'allow-move': true })
  }
  if (startsHere(shape) && !have.running) await startGuest(guest, have.node, doing)
  if (wishes.restart && have.running) await restartIfWaiting(shape, doing)
}

async function restartIfWaiting({ site, guest, rows, disks }: GuestShape, { outside, note }: Doing): Promise<void> {
  outside.pve.forget()
  const now = await readGuest(site, guest, outside)
  if (now === undefined) return
  const differences = [
    ...diffSettings(rows(now.settings), now.settings, { restart: false }),
    ...diffDisks(disks, now.settings, { restart: false }),
  ]
  if (!differences.some(({ waits }) => waits === 'restart')) return
  note({ kind: 'info', text: `${guest.name} is restarted: its changes need it` })
  await stopGuest(guest, now.node, { outside, note })
  await startGuest(guest, now.node, { outside, note })
}

async function removeGuest(guest: Guest, have: GuestState, { outside, note }: Doing): Promise<void> {
  if (guest.adopted) throw adoptedStays(guest)
  if (have.settings.get('protection')?.next === '1') throw protectedGuest(guest)
  await waitUnlocked(guest, have.node, outside, have)
  if (have.running) await stopGuest(guest, have.node, { outside, note })
  await runTask(guest, have.node, { outside, note }, (api) => api.destroy()).catch((error: unknown) => {
    if (!isNotFound(error)) throw error // Somebody else was faster.
  })
}

function protectedGuest({ name, vmid, node }: Guest): OrionError {
  return new OrionError(`${name} (${vmid} on ${node}) is protected and is not destroyed`, {
    code: 'E_IMMUTABLE',
    suggestions: [`set protection: false for ${name} in the site file, apply, and destroy it then`],
  })
}
