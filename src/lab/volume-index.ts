// Volumes by their id, by their guest, and the room they take: looked up often, so counted once and then kept in step.
import type { StorageState, VolumeState, WorldState } from './world.ts'

const SHARED_TYPES = new Set([
  ...['nfs', 'cifs', 'cephfs', 'rbd', 'iscsi', 'iscsidirect', 'zfs', 'pbs', 'esxi', 'glusterfs'],
])

interface Index {
  readonly byId: Map<string, VolumeState[]>
  readonly byGuest: Map<number, Set<VolumeState>>
  /** Bytes taken: `storage node`, or the storage alone where nodes share it. */
  readonly bytes: Map<string, number>
}

const indexes = new WeakMap<WorldState, Index>()

/** Does every node see the same volumes on it? */
export function isShared(storage: StorageState): boolean {
  return SHARED_TYPES.has(storage.type) || Number(storage.options.shared ?? 0) === 1
}

/** The name of the storage that a volume id begins with. */
export function storageOf(volid: string): string {
  return volid.slice(0, volid.indexOf(':'))
}

function indexOf(state: WorldState): Index {
  let index = indexes.get(state)
  if (!index) {
    index = { byId: new Map(), byGuest: new Map(), bytes: new Map() }
    indexes.set(state, index)
    for (const volume of state.volumes) insert(state, index, volume)
  }
  return index
}

/** To be called after a volume got another name or node: what was counted is counted anew. */
export function forgetVolumes(state: WorldState): void {
  indexes.delete(state)
}

function usageKey(state: WorldState, { volid, node }: Pick<VolumeState, 'volid' | 'node'>): string {
  const storage = state.storage[storageOf(volid)]
  return storage && isShared(storage) ? storage.name : `${storageOf(volid)} ${node}`
}

function insert(state: WorldState, index: Index, volume: VolumeState): void {
  const { volid, vmid, sizeBytes } = volume
  index.byId.set(volid, [...(index.byId.get(volid) ?? []), volume])
  const key = usageKey(state, volume)
  index.bytes.set(key, (index.bytes.get(key) ?? 0) + sizeBytes)
  if (vmid === undefined) return
  const held = index.byGuest.get(vmid) ?? new Set()
  index.byGuest.set(vmid, held.add(volume))
}

/** Puts a volume into the state. */
export function insertVolume(state: WorldState, volume: VolumeState): void {
  const index = indexOf(state)
  state.volumes.push(volume)
  insert(state, index, volume)
}

/** Takes a volume out of the state. */
export function deleteVolume(state: WorldState, volume: VolumeState): void {
  const index = indexOf(state)
  state.volumes.splice(state.volumes.indexOf(volume), 1)
  const others = (index.byId.get(volume.volid) ?? []).filter((other) => other !== volume)
  if (others.length > 0) index.byId.set(volume.volid, others)
  else index.byId.delete(volume.volid)
  if (volume.vmid !== undefined) index.byGuest.get(volume.vmid)?.delete(volume)
  const key = usageKey(state, volume)
  index.bytes.set(key, (index.bytes.get(key) ?? 0) - volume.sizeBytes)
}

/** Gives a volume another size, in bytes. */
export function sizeVolume(state: WorldState, volume: VolumeState, bytes: number): void {
  const index = indexOf(state)
  const key = usageKey(state, volume)
  index.bytes.set(key, (index.bytes.get(key) ?? 0) + bytes - volume.sizeBytes)
  volume.sizeBytes = bytes
}

/** The volume of that id which the node sees. */
export function lookUpVolume(state: WorldState, node: string, volid: string): VolumeState | undefined {
  const storage = state.storage[storageOf(volid)]
  const found = indexOf(state).byId.get(volid)
  return storage && isShared(storage) ? found?.[0] : found?.find((volume) => volume.node === node)
}

/** All volumes of a guest, also those that its configuration does not name. */
export function volumesOf(state: WorldState, vmid: number): VolumeState[] {
  return [...(indexOf(state).byGuest.get(vmid) ?? [])]
}

/** Bytes that the volumes on a storage take, as one node sees them. */
export function takenBytes(state: WorldState, node: string, storage: StorageState): number {
  return indexOf(state).bytes.get(isShared(storage) ? storage.name : `${storage.name} ${node}`) ?? 0
}
