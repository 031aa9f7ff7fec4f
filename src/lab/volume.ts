// Volumes: how they are named, where they lie, how much room they take.

import { formatSize, GIB } from './property.ts'
import { failure } from './refusal.ts'
import { deleteVolume, insertVolume, lookUpVolume, takenBytes, volumesOf } from './volume-index.ts'
import type { StorageState, VolumeState, World } from './world.ts'

const FILE_TYPES = new Set(['dir', 'nfs', 'cifs', 'cephfs', 'btrfs', 'glusterfs'])
const FILE_CONTENT = new Set(['iso', 'vztmpl', 'import', 'snippets', 'backup'])
/** What a cloud image holds where nobody said otherwise. */
const IMAGE_BYTES = 3 * GIB

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

/** The volume of that id which the node sees. */
export function findVolume(world: World, node: string, volid: string): VolumeState | undefined {
  return lookUpVolume(world.state, node, volid)
}

/** A thin volume takes room as it is written, so that making it never fails; more can be promised than there is. */
function isThin({ type, options }: StorageState, format: string): boolean {
  if (type === 'zfspool') return format === 'subvol' || Number(options.sparse ?? 0) === 1
  return type === 'lvmthin' || type === 'rbd' || FILE_TYPES.has(type)
}

/** Throws `out of space` where this many bytes more for a volume do not fit. */
export function checkRoom(
  world: World,
  storage: StorageState,
  { node, content, format }: Pick<VolumeState, 'node' | 'content' | 'format'>,
  bytes: number,
): void {
  if ((content === 'images' || content === 'rootdir') && isThin(storage, format)) return
  if (takenBytes(world.state, node, storage) + bytes > storage.totalBytes) {
    throw failure(`cannot allocate ${formatSize(bytes)} on storage '${storage.name}': out of space`)
  }
}

/** Adds a volume, after a look at the room that is left. */
export function addVolume(world: World, storage: StorageState, volume: VolumeState): VolumeState {
  checkRoom(world, storage, volume, volume.sizeBytes)
  const made = { ...volume, createdAt: Math.floor(world.now() / 1000) }
  insertVolume(world.state, made)
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
  const taken = new Set(volumesOf(world.state, vmid).map((volume) => volume.volid.replace(/\.\w+$/, '')))
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
  deleteVolume(world.state, volume)
  world.changed()
}

/** Bytes of the disk inside an image file, e.g. what `import-from` makes of it. */
export function diskBytes(volume: VolumeState): number {
  return volume.virtualBytes ?? (volume.content === 'import' ? IMAGE_BYTES : volume.sizeBytes)
}
