// Snapshots of guests: which storage can have them, what they keep, and what comes back with one.
import type { ConfigRules } from './config-rules.ts'
import { isCdrom, isCloudInit, isDriveKey, parseDrive } from './drive.ts'
import { applyPending } from './guest-config.ts'
import { parseProperties } from './property.ts'
import { failure } from './refusal.ts'
import { findVolume } from './volume.ts'
import { sizeVolume, storageOf } from './volume-index.ts'
import type { GuestState, SnapshotState, World } from './world.ts'

/** Storages whose volumes have snapshots whatever their format; files have them as qcow2 alone. */
const BY_NATURE = new Set(['zfspool', 'zfs', 'lvmthin', 'rbd', 'btrfs', 'cephfs'])

/** `file` or `volume` of everything in a configuration that is a disk: a volume, or a path of the node. */
function disksOf({ kind, config }: GuestState): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    if (kind === 'lxc')
      return /^(rootfs|mp\d+)$/.test(key) ? [parseProperties(String(value), 'volume').volume ?? ''] : []
    if (!isDriveKey(key)) return []
    const drive = parseDrive(String(value))
    return isCdrom(drive) && !isCloudInit(drive) ? [] : [drive.file]
  })
}

/** Has every disk of it what a snapshot needs? A path of the node never has. */
export function canSnapshot(world: World, guest: GuestState): boolean {
  return disksOf(guest).every((volid) => {
    const volume = findVolume(world, guest.node, volid)
    const type = world.state.storage[storageOf(volid)]?.type ?? ''
    return volume !== undefined && (BY_NATURE.has(type) || volume.format === 'qcow2')
  })
}

export function snapshotsOf(guest: GuestState): Record<string, SnapshotState> {
  guest.snapshots ??= {}
  return guest.snapshots
}

export function getSnapshot(guest: GuestState, name: string): SnapshotState {
  const found = Object.hasOwn(snapshotsOf(guest), name) ? snapshotsOf(guest)[name] : undefined
  if (!found) throw failure(`snapshot '${name}' does not exist`)
  return found
}

/** Keeps the configuration in force and the sizes of the disks. */
export function takeSnapshot(world: World, guest: GuestState, name: string, description: string): void {
  if (guest.config.template === 1) throw failure(`you can't take a snapshot if it's a template`)
  if (Object.hasOwn(snapshotsOf(guest), name)) throw failure(`snapshot name '${name}' already used`)
  if (!canSnapshot(world, guest)) throw failure('snapshot feature is not available')
  const { parent, ...config } = guest.config
  const sizes = disksOf(guest).map((volid) => [volid, findVolume(world, guest.node, volid)?.sizeBytes ?? 0] as const)
  snapshotsOf(guest)[name] = {
    config,
    description,
    takenAt: Math.floor(world.now() / 1000),
    sizes: Object.fromEntries(sizes),
    ...(parent === undefined ? {} : { parent: String(parent) }),
  }
  guest.config.parent = name
  world.changed()
}

/** What stood on it stands on what it stood on. */
export function dropSnapshot(world: World, guest: GuestState, name: string): void {
  const { parent } = getSnapshot(guest, name)
  for (const other of Object.values(snapshotsOf(guest))) if (other.parent === name) setParent(other, parent)
  if (guest.config.parent === name) setParent(guest.config, parent)
  delete snapshotsOf(guest)[name]
  world.changed()
}

function setParent(of: { parent?: string | number }, parent: string | undefined): void {
  if (parent === undefined) delete of.parent
  else of.parent = parent
}

/** ZFS goes back to its newest snapshot alone. */
export function checkNewest(world: World, guest: GuestState, name: string): void {
  const { sizes, takenAt } = getSnapshot(guest, name)
  const later = Object.entries(snapshotsOf(guest)).filter(([other, one]) => other !== name && one.takenAt >= takenAt)
  const order = Object.keys(snapshotsOf(guest))
  for (const volid of Object.keys(sizes)) {
    if (world.state.storage[storageOf(volid)]?.type !== 'zfspool') continue
    const newer = later.some(([other, one]) => volid in one.sizes && order.indexOf(other) > order.indexOf(name))
    if (newer) throw failure(`can't rollback, '${name}' is not most recent snapshot on '${volid.split(':')[1]}'`)
  }
}

/** Puts a stopped guest back; disks that the snapshot does not know are kept as unused. */
export function goBack(world: World, guest: GuestState, rules: ConfigRules, name: string): void {
  const { config, sizes } = getSnapshot(guest, name)
  const since = disksOf(guest).filter((volid) => !(volid in sizes) && findVolume(world, guest.node, volid))
  guest.pending = {}
  guest.config = { ...config, parent: name }
  for (const [volid, bytes] of Object.entries(sizes)) {
    const volume = findVolume(world, guest.node, volid)
    if (!volume) throw failure(`volume '${volid}' does not exist`)
    sizeVolume(world.state, volume, bytes)
  }
  let index = 0
  for (const volid of since) {
    while (`unused${index}` in guest.config) index += 1
    guest.config[`unused${index}`] = volid
  }
  applyPending(world, guest, rules)
}
