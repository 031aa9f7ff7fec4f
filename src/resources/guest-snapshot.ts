// Snapshots that orion makes of a guest before it changes it: whose they are, and what a change does first.
import { OrionError } from '../errors.ts'
import type { Difference, Outside, Precaution } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { markOf } from './device-mapping.ts'
import { guestApi, type ListedSnapshot } from './guest-api.ts'
import { type GuestState, waitUnlocked } from './guest-state.ts'
import { type Doing, runTask } from './guest-task.ts'
import { parseProperties } from './property-string.ts'
import type { Settings } from './setting.ts'

/** What a change of a guest is made of. `Have` is what its resource observes. */
export interface Change<Have> {
  readonly site: Site
  readonly guest: Guest
  diff(have: Have): readonly Difference[]
  /** undefined = the guest is not there. */
  stateOf(have: Have): GuestState | undefined
}

/** No option of the guest and nothing on its disks: there is nothing to come back to. */
const OUTSIDE_OF_IT: ReadonlySet<string> = new Set(['status', 'pool'])
const NAME = /^orion-\d{8}-\d{6}$/
/** Of a disk in the configuration of a VM or a container. */
const DISK = /^(?:(?:scsi|virtio|sata|ide|mp)\d+|rootfs|efidisk0|tpmstate0)$/

/** The snapshot before a change; undefined where the site file wants none. */
export function snapshotFirst<Have>(change: Change<Have>): Precaution<Have> | undefined {
  const { site, guest } = change
  if (site.snapshots.keep === 0 || !guest.snapshot) return undefined
  // One is enough for a run, however many steps change the guest: the first one is the state before all of them.
  let since: string | undefined
  // A guest that this run makes has nothing to come back to.
  let isNew = false
  const plan = async (outside: Outside, have: Have) => {
    since ??= nameAt(new Date())
    const state = change.stateOf(have)
    isNew ||= state === undefined
    if (isNew) return undefined
    const changes = change.diff(have).some(({ field, waits }) => waits === undefined && !OUTSIDE_OF_IT.has(field))
    return state && changes ? planOf(guest, state, outside) : undefined
  }
  return {
    plan,
    take: async (outside, have, note) => {
      const state = change.stateOf(have)
      if (state === undefined || (await plan(outside, have)) !== FIRST) return
      await takeOnce(change, state, since ?? '', { outside, note })
    },
  }
}

const FIRST = 'snapshot first'

async function planOf(guest: Guest, { node, settings }: GuestState, outside: Outside): Promise<string> {
  if (settings.get('lock')?.active === 'suspended') return 'no snapshot: it is suspended to disk'
  const cluster = outside.pve.cluster(guest.node)
  const read = () => guestApi(cluster, guest.kind, node, guest.vmid).canSnapshot()
  if (await cluster.once(`can-snapshot:${guest.vmid}`, read)) return FIRST
  return `no snapshot: not every disk of it can have one (${disksOf(settings).join(', ')})`
}

/** `scsi0 on local`, also of a folder or a device of the node. */
function disksOf(settings: Settings): readonly string[] {
  return [...settings].flatMap(([key, { active }]) => {
    if (!DISK.test(key) || active === undefined || active.includes('media=cdrom')) return []
    const properties = parseProperties(active, 'file')
    const volume = properties.get('file') ?? properties.get('volume') ?? ''
    return [`${key} on ${volume.startsWith('/') ? volume : volume.split(':')[0]}`]
  })
}

async function takeOnce(change: Change<never>, state: GuestState, since: string, doing: Doing): Promise<void> {
  const { site, guest } = change
  try {
    await waitUnlocked(guest, state.node, doing.outside, state)
    const own = await ownSnapshots(site, guest, state.node, doing.outside)
    if (own.some(({ name }) => name >= since)) return
    const now = new Date()
    const name = nameAt(now)
    await runTask(guest, state.node, doing, (api) => api.snapshot(name, descriptionOf(site, now)))
    doing.note({ kind: 'info', text: `${guest.name}: snapshot ${name}` })
  } catch (error) {
    throw unchanged(guest, error)
  }
}

function unchanged({ name, group }: Guest, error: unknown): unknown {
  if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') return error
  const { code, message, suggestions, recheck } = error
  return new OrionError(`${name} is not changed, because no snapshot of it could be made: ${message}`, {
    code,
    recheck,
    cause: error,
    suggestions: [...suggestions, `to change it without one: guests.${group}.snapshot: false in the site file`],
  })
}

/** `orion-20260314-022600`, UTC: names sort by time. */
export function nameAt(time: Date): string {
  const [day = '', clock = ''] = time.toISOString().slice(0, 19).replace(/[-:]/g, '').split('T')
  return `orion-${day}-${clock}`
}

function descriptionOf(site: Site, time: Date): string {
  return `${markOf(site.name)}\nbefore a change, run ${time.toISOString().slice(0, 19)}Z`
}

/** A name alone proves nothing: ours says whose it is. */
export function isOwnSnapshot(site: Pick<Site, 'name'>, { name, description = '' }: ListedSnapshot): boolean {
  return NAME.test(name) && description.split('\n')[0]?.trim() === markOf(site.name)
}

/** Those that orion made for this site, the newest first. */
export async function ownSnapshots(
  site: Site,
  guest: Guest,
  node: string,
  outside: Outside,
): Promise<readonly ListedSnapshot[]> {
  const all = await allSnapshots(guest, node, outside)
  return all.filter((one) => isOwnSnapshot(site, one))
}

/** All of them, the newest first. */
export async function allSnapshots(
  { kind, vmid, node: home }: Guest,
  node: string,
  { pve }: Outside,
): Promise<readonly ListedSnapshot[]> {
  const cluster = pve.cluster(home)
  const read = () => guestApi(cluster, kind, node, vmid).snapshots()
  const all = await cluster.once(`snapshots:${vmid}`, read)
  const byName = new Map(all.map((one) => [one.name, one]))
  // Of two in one second the one that stands on the other is newer.
  const depth = ({ parent }: ListedSnapshot, seen = 0): number => {
    const below = parent === undefined || seen > all.length ? undefined : byName.get(parent)
    return below === undefined ? seen : depth(below, seen + 1)
  }
  const time = ({ snaptime = 0 }: ListedSnapshot) => Number(snaptime)
  return [...all].sort((one, two) => time(two) - time(one) || depth(two) - depth(one))
}
