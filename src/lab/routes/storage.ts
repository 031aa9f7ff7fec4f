// /storage: the storages of the cluster, and what each type of them can hold.

import { createHash } from 'node:crypto'
import { plainValue } from '../option-value.ts'
import { GIB, toList } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import { seesStorage } from '../rights.ts'
import type { Call, Routes } from '../route.ts'
import { forgetVolumes } from '../volume-index.ts'
import type { StorageState, WorldState } from '../world.ts'

interface StorageType {
  readonly content: readonly string[]
  readonly preset: string
  readonly needs: readonly string[]
}

const FILES = ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import']
const BLOCKS = ['images', 'rootdir']
const TYPES: Readonly<Record<string, StorageType>> = {
  dir: { content: FILES, preset: 'images,rootdir', needs: ['path'] },
  btrfs: { content: FILES, preset: 'images,rootdir', needs: ['path'] },
  nfs: { content: FILES, preset: 'images', needs: ['server', 'export'] },
  cifs: { content: FILES, preset: 'images', needs: ['server', 'share'] },
  cephfs: { content: ['vztmpl', 'iso', 'backup', 'snippets', 'import'], preset: 'backup', needs: [] },
  lvm: { content: BLOCKS, preset: 'images,rootdir', needs: ['vgname'] },
  lvmthin: { content: BLOCKS, preset: 'images,rootdir', needs: ['vgname', 'thinpool'] },
  zfspool: { content: BLOCKS, preset: 'images,rootdir', needs: ['pool'] },
  rbd: { content: BLOCKS, preset: 'images', needs: [] },
  zfs: { content: ['images'], preset: 'images', needs: ['portal', 'target', 'pool', 'iscsiprovider'] },
  iscsi: { content: ['images'], preset: 'images', needs: ['portal', 'target'] },
  iscsidirect: { content: ['images'], preset: 'images', needs: ['portal', 'target'] },
  pbs: { content: ['backup'], preset: 'backup', needs: ['server', 'datastore', 'username'] },
  esxi: { content: ['import'], preset: 'import', needs: ['server', 'username', 'password'] },
}
const NEW_BYTES = 16 * 1024 * GIB
/** Kept outside the configuration, and never given back. */
const SECRETS = new Set(['password', 'keyring', 'encryption-key', 'master-pubkey'])
const NOT_OPTIONS = new Set(['storage', 'type', 'delete', 'digest'])

function configOf({ name, type, options }: StorageState, digest: string): Record<string, unknown> {
  return { storage: name, type, ...options, digest }
}

function digestOf({ storage }: WorldState): string {
  const config = Object.values(storage).map(({ name, type, options }) => [name, type, options])
  return createHash('sha1').update(JSON.stringify(config)).digest('hex')
}

function getConfig({ world, ids }: Call): StorageState {
  const storage = world.state.storage[String(ids.storage)]
  if (!storage) throw failure(`storage '${ids.storage}' does not exist`)
  return storage
}

/** Content as it is kept; throws for what this type of storage cannot hold. */
function contentText(type: string, value: unknown): string {
  const contents = [...new Set(toList(value))]
  for (const content of contents) {
    if (content !== 'none' && !TYPES[type]?.content.includes(content)) {
      throw failure(`storage does not support content type '${content}'`)
    }
  }
  return contents.join(',')
}

function readOptions(call: Call, type: string): StorageState['options'] {
  const options: StorageState['options'] = {}
  for (const [key, value] of Object.entries(call.params)) {
    if (NOT_OPTIONS.has(key) || SECRETS.has(key)) continue
    options[key] = key === 'content' ? contentText(type, value) : plainValue(key, value)
  }
  for (const node of toList(options.nodes)) {
    if (!call.world.state.hardware.nodes.some(({ name }) => name === node))
      throw failure(`node '${node}' does not exist`)
  }
  return options
}

/** A new share is mounted at once, unless it is disabled. In the lab every server answers but those of `.invalid` (RFC 2606). */
function checkOnline({ params }: Call, name: string): void {
  if (params.disable === true || !/\.invalid$/i.test(String(params.server ?? ''))) return
  throw failure(`create storage failed: storage '${name}' is not online`)
}

function create(call: Call): unknown {
  const { world, params } = call
  const name = String(params.storage)
  const type = String(params.type)
  const kind = TYPES[type]
  if (!kind) throw failure(`storage type '${type}' is not simulated by the lab`)
  if (world.state.storage[name]) throw failure(`storage ID '${name}' already defined`)
  const missing = kind.needs.filter((key) => params[key] === undefined)
  if (missing.length > 0) {
    const errors = missing.map((key) => [key, 'property is missing and it is not optional'])
    throw invalid(Object.fromEntries(errors))
  }
  checkOnline(call, name)
  const options = { content: kind.preset, ...readOptions(call, type) }
  world.state.storage[name] = { name, type, options, totalBytes: NEW_BYTES }
  forgetVolumes(world.state)
  world.changed()
  return { storage: name, type }
}

function update(call: Call): unknown {
  const { world, params } = call
  const storage = getConfig(call)
  if (params.digest !== undefined && params.digest !== digestOf(world.state)) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
  const options = { ...storage.options, ...readOptions(call, storage.type) }
  for (const key of toList(params.delete)) {
    if (key in params) throw failure(`duplicate key in delete and set: '${key}'`)
    if (TYPES[storage.type]?.needs.includes(key)) throw failure(`unable to delete required option '${key}'`)
    delete options[key]
  }
  storage.options = {
    ...(options.content === undefined ? { content: TYPES[storage.type]?.preset ?? 'none' } : {}),
    ...options,
  }
  // Whether it is shared may have changed, and with that whose room its volumes take.
  forgetVolumes(world.state)
  world.changed()
  return { storage: storage.name, type: storage.type }
}

function remove(call: Call): unknown {
  const { name } = getConfig(call)
  delete call.world.state.storage[name]
  forgetVolumes(call.world.state)
  call.world.changed()
  return null
}

function list(call: Call): unknown {
  const { state } = call.world
  const digest = digestOf(state)
  return Object.values(state.storage)
    .filter(
      ({ name, type }) => seesStorage(call, name) && (call.params.type === undefined || call.params.type === type),
    )
    .map((storage) => configOf(storage, digest))
}

export const storageRoutes: Routes = {
  'GET /storage': list,
  'POST /storage': create,
  'GET /storage/{storage}': (call) => configOf(getConfig(call), digestOf(call.world.state)),
  'PUT /storage/{storage}': update,
  'DELETE /storage/{storage}': remove,
}
