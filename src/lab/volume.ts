// Volumes: how they are named, where they lie, how much room they take.

import { formatSize, GIB } from './property.ts'
import { failure } from './refusal.ts'
import type { StorageState, VolumeState, World, WorldState } from './world.ts'

const SHARED_TYPES = new Set([
  'nfs',
  'cifs',
  'cephfs',
  'rbd',
  'iscsi',
  'iscsidirect',
  'zfs',
  'pbs',
  'esxi',
  'glusterfs',
])
const FILE_TYPES = new Set(['dir', 'nfs', 'cifs', 'cephfs', 'btrfs', 'glusterfs'])
const FILE_CONTENT = new Set(['iso', 'vztmpl', 'import', 'snippets', 'backup'])
/** What a cloud image holds where nobody said otherwise. */
const IMAGE_BYTES = 3 * GIB

/** Does every node see the same volumes on it? */
export function isShared(storage: StorageState): boolean {
  return SHARED_TYPES.has(storage.type) || Number(storage.options.shared ?? 0) === 1
}

/** Does it keep files, with a directory per kind of content? */
export function isFileBased(storage: StorageState): boolean {
  return FILE_TYPES.has(storage.type)
}

export function contentTypes(storage: StorageState): string[] {
  return String(storage.options.content ?? '')
    .split(',')
    .filter((content) => content !== '' && content !== 'none')
}

/** `local:iso/x.iso` → iso; anything that is no file of a known kind is a guest's volume. */
export function contentOf(volid: string): string {
  const kind = volid.slice(volid.indexOf(':') + 1).split('/')[0] ?? ''
  return FILE_CONTENT.has(kind) ? kind : 'images'
}

/** The format that the name of a volume tells: iso, tgz, qcow2, …; raw where it tells nothing. */
export function formatOf(volid: string): string {
  const extension = /\.([a-z0-9]+)$/.exec(volid)?.[1] ?? 'raw'
  const content = contentOf(volid)
  if (content === 'vztmpl') return `t${extension}`
  return content === 'images' && !/^(qcow2|vmdk|raw|subvol)$/.test(extension) ? 'raw' : extension
}

export function storageOf(volid: string): string {
  return volid.slice(0, volid.indexOf(':'))
}

/** The storage, if it is there, enabled, and to be had on the node; else the error that Proxmox VE gives. */
export function getStorage(world: World, node: string, name: string): StorageState {
  const storage = world.state.storage[name]
  if (!storage) throw failure(`storage '${name}' does not exist`)
  if (Number(storage.options.disable ?? 0) === 1) throw failure(`storage '${name}' is disabled`)
  const nodes = String(storage.options.nodes ?? '')
  if (nodes !== '' && !nodes.split(',').includes(node)) {
    throw failure(`storage '${name}' is not available on node '${node}'`)
  }
  return storage
}

export function findVolume(world: World, node: string, volid: string): VolumeState | undefined {
  const storage = world.state.storage[storageOf(volid)]
  const shared = storage !== undefined && isShared(storage)
  return world.state.volumes.find((volume) => volume.volid === volid && (shared || volume.node === node))
}

interface Usage {
  readonly serial: number
  /** `storage node` → bytes; shared storages under their name alone. */
  readonly bytes: Map<string, number>
}

const usages = new WeakMap<World, Usage>()

/** Bytes that the volumes on a storage take, as one node sees them. Counted once per change of the world. */
export function usedBytes(world: World, node: string, storage: StorageState): number {
  let usage = usages.get(world)
  if (usage?.serial !== world.state.serial) {
    usage = { serial: world.state.serial, bytes: countBytes(world.state) }
    usages.set(world, usage)
  }
  return usage.bytes.get(isShared(storage) ? storage.name : `${storage.name} ${node}`) ?? 0
}

function countBytes({ volumes, storage }: WorldState): Map<string, number> {
  const bytes = new Map<string, number>()
  for (const volume of volumes) {
    const name = storageOf(volume.volid)
    const holder = storage[name]
    const key = holder && isShared(holder) ? name : `${name} ${volume.node}`
    bytes.set(key, (bytes.get(key) ?? 0) + volume.sizeBytes)
  }
  return bytes
}

/** Throws `out of space` where the bytes do not fit any more. */
export function checkRoom(world: World, node: string, storage: StorageState, bytes: number): void {
  if (usedBytes(world, node, storage) + bytes > storage.totalBytes) {
    throw failure(`cannot allocate ${formatSize(bytes)} on storage '${storage.name}': out of space`)
  }
}

/** Adds a volume, after a look at the room that is left. */
export function addVolume(world: World, storage: StorageState, volume: VolumeState): VolumeState {
  checkRoom(world, volume.node, storage, volume.sizeBytes)
  const made = { ...volume, createdAt: Math.floor(world.now() / 1000) }
  world.state.volumes.push(made)
  world.changed()
  return made
}

export interface DiskWish {
  readonly node: string
  readonly vmid: number
  readonly storage: string
  readonly bytes: number
  readonly content: 'images' | 'rootdir'
  /** Only file storages have a choice. */
  readonly format?: string | undefined
  /** `cloudinit` instead of the next free number. */
  readonly name?: string
}

/** Makes a guest's volume under the next free name (`vm-100-disk-0`, `subvol-100-disk-0`, `100/vm-100-disk-0.raw`). */
export function allocateDisk(world: World, wish: DiskWish): VolumeState {
  const { node, vmid, bytes, content } = wish
  const storage = getStorage(world, node, wish.storage)
  const files = isFileBased(storage)
  const subvolume = content === 'rootdir' && (storage.type === 'zfspool' || storage.type === 'btrfs')
  const format = subvolume ? 'subvol' : files ? (wish.format ?? (wish.name ? 'qcow2' : 'raw')) : 'raw'
  const taken = new Set(
    world.state.volumes.filter((volume) => volume.vmid === vmid).map((volume) => volume.volid.replace(/\.\w+$/, '')),
  )
  const place = (name: string) => `${storage.name}:${files ? `${vmid}/` : ''}${name}`
  let name = `vm-${vmid}-${wish.name}`
  for (let index = 0; wish.name === undefined; index += 1) {
    name = `${subvolume ? 'subvol' : 'vm'}-${vmid}-disk-${index}`
    if (!taken.has(place(name))) break
  }
  const volid = `${place(name)}${files ? `.${format}` : ''}`
  return addVolume(world, storage, { volid, node, content, sizeBytes: bytes, vmid, format })
}

/** Destroys a volume; one that is not there is no error, as for Proxmox VE. */
export function freeVolume(world: World, node: string, volid: string): void {
  const volume = findVolume(world, node, volid)
  if (!volume) return
  world.state.volumes.splice(world.state.volumes.indexOf(volume), 1)
  world.changed()
}

/** Bytes of the disk inside an image file, e.g. what `import-from` makes of it. */
export function diskBytes(volume: VolumeState): number {
  return volume.virtualBytes ?? (volume.content === 'import' ? IMAGE_BYTES : volume.sizeBytes)
}

/** All volumes of a guest, also those that its configuration does not name. */
export function volumesOf(state: WorldState, vmid: number): VolumeState[] {
  return state.volumes.filter((volume) => volume.vmid === vmid)
}
