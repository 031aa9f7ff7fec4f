// What a node says about storages: which it has, how full they are.
import { toList } from '../property.ts'
import { seesStorage } from '../rights.ts'
import type { Call, Routes } from '../route.ts'
import { contentTypes, getStorage } from '../volume.ts'
import { isShared, takenBytes } from '../volume-index.ts'
import type { StorageState, World } from '../world.ts'

/** Storages that the node may use. */
export function nodeStorages(world: World, node: string): StorageState[] {
  return Object.values(world.state.storage).filter(({ options }) => {
    const nodes = String(options.nodes ?? '')
    return nodes === '' || nodes.split(',').includes(node)
  })
}

/** Sizes in bytes and state of one storage. */
export function storageRow(world: World, node: string, storage: StorageState): Record<string, string | number> {
  const enabled = Number(storage.options.disable ?? 0) === 1 ? 0 : 1
  const row = {
    storage: storage.name,
    type: storage.type,
    content: contentTypes(storage).join(','),
    shared: isShared(storage) ? 1 : 0,
    enabled,
    active: enabled,
  }
  if (enabled === 0) return { ...row, total: 0, used: 0, avail: 0 }
  const total = storage.totalBytes
  // More can be promised than there is, where volumes are thin; more than there is cannot be used.
  const used = Math.min(total, takenBytes(world.state, node, storage))
  return { ...row, total, used, avail: total - used, used_fraction: used / total }
}

function list(call: Call): unknown {
  const { world, params, ids } = call
  const node = String(ids.node)
  const wanted = toList(params.content)
  return nodeStorages(world, node)
    .filter((storage) => seesStorage(call, storage.name))
    .filter(({ name }) => params.storage === undefined || params.storage === name)
    .filter((storage) => wanted.length === 0 || wanted.some((content) => contentTypes(storage).includes(content)))
    .map((storage) => storageRow(world, node, storage))
    .filter(({ enabled }) => params.enabled !== true || enabled === 1)
}

function status(call: Call): unknown {
  const { world, ids } = call
  const storage = getStorage(world, String(ids.node), String(ids.storage))
  const { storage: _, used_fraction: __, ...row } = storageRow(world, String(ids.node), storage)
  return row
}

export const storageStatusRoutes: Routes = {
  'GET /nodes/{node}/storage': list,
  'GET /nodes/{node}/storage/{storage}': () => ['content', 'download-url', 'status'].map((subdir) => ({ subdir })),
  'GET /nodes/{node}/storage/{storage}/status': status,
}
