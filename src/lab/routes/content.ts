// Volumes of a storage: listing, allocating, destroying, and fetching files from the network.

import { download } from '../download.ts'
import { parseSize } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import { demand } from '../rights.ts'
import type { ApiError, Call, Routes } from '../route.ts'
import { startTask } from '../tasks.ts'
import { allocateDisk, contentOf, contentTypes, findVolume, freeVolume, getStorage, isFileBased } from '../volume.ts'
import { isShared } from '../volume-index.ts'
import type { StorageState, VolumeState } from '../world.ts'

const DELETE_MS = 50
const KIB = 1024
/** What the name of a file must end in, by content. */
const ENDINGS: Readonly<Record<string, RegExp>> = {
  iso: /^[^/]+\.(iso|img)$/i,
  vztmpl: /^[^/]+\.tar\.(gz|xz|zst|bz2)$/i,
  import: /^[^/]+\.(ova|qcow2|raw|vmdk)$/i,
}

function place(call: Call): { node: string; storage: StorageState } {
  const node = String(call.ids.node)
  return { node, storage: getStorage(call.world, node, String(call.ids.storage)) }
}

function row(volume: VolumeState): Record<string, unknown> {
  const { volid, content, format, sizeBytes: size, vmid, createdAt } = volume
  const owner = vmid === undefined ? {} : { vmid }
  return { volid, content, format, size, ...owner, ...(createdAt === undefined ? {} : { ctime: createdAt }) }
}

function list(call: Call): unknown {
  const { node, storage } = place(call)
  const { content, vmid } = call.params
  const shared = isShared(storage)
  const all = call.allowed(`/storage/${storage.name}`, ['Datastore.Allocate'])
  return call.world.state.volumes
    .filter((volume) => volume.volid.startsWith(`${storage.name}:`) && (shared || volume.node === node))
    .filter((volume) => content === undefined || volume.content === content)
    .filter((volume) => vmid === undefined || volume.vmid === vmid)
    .filter((volume) => all || volume.vmid === undefined || call.allowed(`/vms/${volume.vmid}`, ['VM.Config.Disk']))
    .map(row)
}

function allocate(call: Call): unknown {
  const { node, storage } = place(call)
  const { params, world } = call
  const vmid = Number(params.vmid)
  // A bare number is in KiB here, unlike in disk strings.
  const text = String(params.size)
  const bytes = /^\d+$/.test(text) ? Number(text) * KIB : parseSize(text)
  if (bytes === undefined) throw wrong('size', `unable to parse size '${text}'`)
  const name = String(params.filename)
  const known = /^(?:vm|base|subvol|basevol)-(\d+)-(\S+?)(?:\.(raw|qcow2|vmdk|subvol))?$/.exec(name)
  if (Number(known?.[1]) !== vmid) throw failure(`illegal name '${name}' - should be 'vm-${vmid}-*'`)
  const format = params.format === undefined ? known?.[3] : String(params.format)
  const taken = isFileBased(storage) ? `${storage.name}:${vmid}/${name}` : `${storage.name}:${name}`
  if (findVolume(world, node, taken)) throw failure(`disk image '${taken}' already exists`)
  const wish = { node, vmid, storage: storage.name, bytes, content: 'images' as const, format, name: known?.[2] ?? '' }
  return allocateDisk(world, wish).volid
}

function getVolume(call: Call): { node: string; volid: string; volume: VolumeState | undefined } {
  const { node, storage } = place(call)
  const name = String(call.ids.volume)
  const volid = name.startsWith(`${storage.name}:`) ? name : `${storage.name}:${name}`
  return { node, volid, volume: findVolume(call.world, node, volid) }
}

function show(call: Call): unknown {
  const { volid, volume } = getVolume(call)
  demand(call, `/storage/${call.ids.storage}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], { any: true })
  if (!volume) throw failure(`volume '${volid}' does not exist`)
  const { volid: _, ...rest } = row(volume)
  return { ...rest, path: `/dev/lab/${volid.replace(':', '/')}` }
}

function remove(call: Call): unknown {
  const { node, volid, volume } = getVolume(call)
  const { world, who } = call
  const privilege = contentOf(volid) === 'images' ? 'Datastore.AllocateSpace' : 'Datastore.AllocateTemplate'
  demand(call, `/storage/${call.ids.storage}`, ['Datastore.Allocate', privilege], { any: true })
  const owner = volume?.vmid === undefined ? undefined : world.state.guests[String(volume.vmid)]
  const used = owner && Object.values({ ...owner.config, ...owner.pending }).some((value) => names(value, volid))
  if (used) throw failure(`cannot remove volume '${volid}' - it is used by guest ${owner.vmid}`)
  return startTask(
    world,
    { node, type: 'imgdel', id: `${volume?.vmid ?? ''}@${call.ids.storage}`, who },
    async (job) => {
      await job.take(DELETE_MS)
      if (!findVolume(world, node, volid)) throw failure(`volume '${volid}' does not exist`)
      freeVolume(world, node, volid)
      job.log(`Removed volume '${volid}'`)
    },
  )
}

function names(value: string | number | null, volid: string): boolean {
  return String(value).split(',')[0] === volid
}

function downloadUrl(call: Call): unknown {
  const { node, storage } = place(call)
  const { params } = call
  const content = String(params.content)
  const filename = String(params.filename)
  const url = String(params.url)
  if (!/^https?:\/\//.test(url)) throw failure('invalid https or http URL')
  if (!isFileBased(storage)) {
    throw failure(`can't upload to storage type '${storage.type}', not a file based storage!`)
  }
  if (!contentTypes(storage).includes(content)) {
    throw failure(`storage '${storage.name}' is not configured for content-type '${content}'`)
  }
  const pattern = ENDINGS[content]
  if (!pattern) throw wrong('content', `upload content-type '${content}' is not allowed`)
  if (!pattern.test(filename)) {
    throw wrong('filename', content === 'import' ? 'invalid filename or wrong extension' : 'wrong file extension')
  }
  const algorithm = params['checksum-algorithm']
  if ((params.checksum === undefined) !== (algorithm === undefined)) {
    const [there, gone] =
      algorithm === undefined ? ['checksum', 'checksum-algorithm'] : ['checksum-algorithm', 'checksum']
    throw wrong(gone, `missing property - '${there}' requires this property`)
  }
  const checksum =
    algorithm === undefined ? undefined : { algorithm: String(algorithm), wanted: String(params.checksum) }
  return download(call, { node, storage, content, filename, url, checksum })
}

function wrong(parameter: string, text: string): ApiError {
  return invalid({ [parameter]: text })
}

function urlMetadata(call: Call): unknown {
  const url = String(call.params.url)
  if (!/^https?:\/\//.test(url)) throw failure('invalid https or http URL')
  return { filename: new URL(url).pathname.split('/').at(-1), mimetype: 'application/octet-stream', size: 1024 ** 3 }
}

export const contentRoutes: Routes = {
  'GET /nodes/{node}/storage/{storage}/content': list,
  'POST /nodes/{node}/storage/{storage}/content': allocate,
  'GET /nodes/{node}/storage/{storage}/content/{volume}': show,
  'DELETE /nodes/{node}/storage/{storage}/content/{volume}': remove,
  'POST /nodes/{node}/storage/{storage}/download-url': downloadUrl,
  'GET /nodes/{node}/query-url-metadata': urlMetadata,
}
