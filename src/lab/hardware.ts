// What a cluster owns before anybody asks for anything: nodes, storages, and the files that lie on them.
import { addHosts } from './host/hosts-state.ts'
import { GIB } from './property.ts'
import { contentOf, formatOf } from './volume.ts'
import { forgetVolumes, isShared } from './volume-index.ts'
import type { Hardware, StorageState, WorldState } from './world.ts'

const LOCAL_BYTES = 512 * GIB
const POOL_BYTES = 16 * 1024 * GIB
const ISO_BYTES = 4 * GIB

/** `local` and `local-zfs`, as the installer of Proxmox VE makes them on ZFS. */
export function newStorage(): Record<string, StorageState> {
  return {
    local: {
      name: 'local',
      type: 'dir',
      options: { path: '/var/lib/vz', content: 'iso,vztmpl,backup' },
      totalBytes: LOCAL_BYTES,
    },
    'local-zfs': {
      name: 'local-zfs',
      type: 'zfspool',
      options: { pool: 'rpool/data', sparse: 1, content: 'images,rootdir' },
      totalBytes: POOL_BYTES,
    },
  }
}

/** Makes the state know the hardware: what is missing is added, nothing is taken away. */
export function addHardware(state: WorldState, hardware: Hardware): void {
  const before = state.hardware
  state.hardware = hardware
  addHosts(state, before)
  forgetVolumes(state)
  for (const { name, type, content, options } of hardware.storage) {
    state.storage[name] ??= { name, type, options: { ...options, content }, totalBytes: POOL_BYTES }
  }
  const known = new Set(state.volumes.map(({ node, volid }) => `${node} ${volid}`))
  for (const volid of hardware.volumes) {
    const storage = state.storage[volid.slice(0, volid.indexOf(':'))]
    const nodes = storage && isShared(storage) ? hardware.nodes.slice(0, 1) : hardware.nodes
    for (const { name: node } of nodes) {
      if (known.has(`${node} ${volid}`)) continue
      state.volumes.push({ volid, node, content: contentOf(volid), sizeBytes: ISO_BYTES, format: formatOf(volid) })
    }
  }
}
