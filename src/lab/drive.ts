// Disks of a VM: what the text of one asks for, who may ask it, and what it becomes.

import { formatProperties, formatSize, GIB, type Properties, parseProperties } from './property.ts'
import { failure, invalid } from './refusal.ts'
import { demand, demandOnGuest } from './rights.ts'
import type { Call } from './route.ts'
import type { Job } from './tasks.ts'
import { allocateDisk, contentTypes, diskBytes, findVolume, getStorage, isFileBased } from './volume.ts'
import { storageOf } from './volume-index.ts'
import type { GuestState, World } from './world.ts'

const DRIVE_KEY = /^(?:(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0)$/
const NEW_DISK = /^([A-Za-z][\w.-]*):(\d+(?:\.\d+)?)$/
const NEW_CLOUDINIT = /^([A-Za-z][\w.-]*):cloudinit$/
/** What Proxmox VE gives firmware variables and a TPM, whatever was asked for. */
const EFI_BYTES = { zfspool: 1024 ** 2, other: 4 * 1024 ** 2 }
const TPM_BYTES = 4 * 1024 ** 2
const CLOUDINIT_BYTES = 4 * 1024 ** 2

export function isDriveKey(key: string): boolean {
  return DRIVE_KEY.test(key)
}

export function parseDrive(text: string): Properties & { file: string } {
  const properties = parseProperties(text, 'file')
  return { ...properties, file: properties.file ?? properties.volume ?? 'none' }
}

function formatDrive(drive: Properties): string {
  return formatProperties(drive, 'file')
}

export function isCdrom(drive: Properties): boolean {
  return drive.media === 'cdrom'
}

export function isCloudInit({ file = '' }: Properties): boolean {
  return NEW_CLOUDINIT.test(file) || /vm-\d+-cloudinit(\.\w+)?$/.test(file)
}

/** The volume of a disk that belongs to the guest: no CD-ROM, nothing empty. */
export function ownVolume(text: string): string | undefined {
  const drive = parseDrive(text)
  return !drive.file.includes(':') || (isCdrom(drive) && !isCloudInit(drive)) ? undefined : drive.file
}

/** Throws unless the caller may have this drive, and its storage can hold it. Nothing is changed. */
export function checkDrive(call: Call, guest: GuestState, key: string, text: string, isRoot: boolean): void {
  const drive = parseDrive(text)
  const cloudInit = isCloudInit(drive)
  if (cloudInit) demandOnGuest(call, guest, ['VM.Config.Cloudinit', 'VM.Config.CDROM'])
  else demandOnGuest(call, guest, [isCdrom(drive) ? 'VM.Config.CDROM' : 'VM.Config.Disk'])
  checkImport(call, drive['import-from'], isRoot)
  const wanted = NEW_CLOUDINIT.exec(drive.file)?.[1] ?? NEW_DISK.exec(drive.file)?.[1]
  if (wanted !== undefined) checkStorage(call, guest.node, wanted, 'images')
  else if (drive.file.startsWith('/') && !isRoot) {
    throw failure(`Only root can pass arbitrary filesystem paths. (${key})`)
  } else if (drive.file.includes(':')) checkVolumeAccess(call, guest, drive.file)
}

/** Throws unless the storage exists, holds that content, and the caller may use room on it. */
export function checkStorage(call: Call, node: string, name: string, content: 'images' | 'rootdir'): void {
  demand(call, `/storage/${name}`, ['Datastore.AllocateSpace'])
  const storage = getStorage(call.world, node, name)
  if (contentTypes(storage).includes(content)) return
  const what = content === 'images' ? 'vm images' : 'container directories'
  throw invalid({ storage: `storage '${name}' does not support ${what}` })
}

function checkImport(call: Call, source: string | undefined, isRoot: boolean): void {
  if (source === undefined || isRoot) return
  if (source.startsWith('/')) throw failure('Only root can pass arbitrary filesystem paths.')
  const rights = ['Datastore.Audit', 'Datastore.AllocateSpace', 'Datastore.AllocateTemplate']
  demand(call, `/storage/${storageOf(source)}`, rights, { any: true })
}

function checkVolumeAccess(call: Call, guest: GuestState, volid: string): void {
  const path = `/storage/${storageOf(volid)}`
  getStorage(call.world, guest.node, storageOf(volid))
  const owner = findVolume(call.world, guest.node, volid)?.vmid
  if (owner === guest.vmid) return
  if (owner !== undefined) demand(call, path, ['Datastore.Allocate'])
  else demand(call, path, ['Datastore.Audit', 'Datastore.AllocateSpace'], { any: true })
}

/** Makes what the text asks for and gives the text that is kept (`local-zfs:vm-100-disk-0,size=32G`). */
export async function placeDrive(
  world: World,
  guest: GuestState,
  key: string,
  text: string,
  job?: Pick<Job, 'log' | 'take'>,
): Promise<string> {
  const { 'import-from': source, ...drive } = parseDrive(text)
  const cloudInit = NEW_CLOUDINIT.exec(drive.file)?.[1]
  if (cloudInit !== undefined) return placeCloudInit(world, guest, drive, cloudInit)
  const fresh = NEW_DISK.exec(drive.file)
  if (!fresh) return keepVolume(world, guest, drive)
  const storage = fresh[1] ?? ''
  const bytes =
    source === undefined ? newBytes(world, key, storage, Number(fresh[2])) : sourceBytes(world, guest, source)
  if (source !== undefined) await job?.take(500)
  const { format, size: _, ...rest } = drive
  const volume = allocateDisk(world, { node: guest.node, vmid: guest.vmid, storage, bytes, content: 'images', format })
  if (source !== undefined) job?.log(`transferred ${formatSize(bytes)} of ${formatSize(bytes)} (100.00%)`)
  const placed = formatDrive({ ...rest, file: volume.volid, size: formatSize(bytes) })
  job?.log(`${key}: successfully created disk '${placed}'`)
  return placed
}

function placeCloudInit(world: World, { node, vmid }: GuestState, drive: Properties, storage: string): string {
  const bytes = CLOUDINIT_BYTES
  const volume = allocateDisk(world, { node, vmid, storage, bytes, content: 'images', name: 'cloudinit' })
  const { format: _, ...rest } = drive
  return formatDrive({ ...rest, file: volume.volid, media: 'cdrom', size: formatSize(bytes) })
}

/** A volume that is there already: the size in the text is never believed. */
function keepVolume(world: World, guest: GuestState, drive: Properties & { file: string }): string {
  const { size: _, ...rest } = drive
  if (isCdrom(drive) && !isCloudInit(drive)) {
    const iso = findVolume(world, guest.node, drive.file)
    return formatDrive(iso ? { ...rest, size: formatSize(iso.sizeBytes) } : rest)
  }
  const volume = drive.file.includes(':') ? findVolume(world, guest.node, drive.file) : undefined
  if (!volume) throw failure(`volume '${drive.file}' does not exist`)
  return formatDrive({ ...rest, file: volume.volid, size: formatSize(volume.sizeBytes) })
}

function newBytes(world: World, key: string, storage: string, gib: number): number {
  if (key === 'tpmstate0') return TPM_BYTES
  const type = world.state.storage[storage]?.type
  if (key === 'efidisk0') return type === 'zfspool' ? EFI_BYTES.zfspool : EFI_BYTES.other
  const bytes = Math.round(gib * GIB)
  if (bytes <= 0) throw failure(`${key}: invalid size 0 for a new disk`)
  return bytes
}

function sourceBytes(world: World, guest: GuestState, source: string): number {
  const volume = findVolume(world, guest.node, source)
  if (!volume) throw failure(`cannot import from '${source}' - volume '${source}' does not exist`)
  const storage = world.state.storage[storageOf(source)]
  if (volume.content === 'iso' && storage && isFileBased(storage)) {
    throw failure(`cannot import from '${source}' - volume is an ISO image`)
  }
  return diskBytes(volume)
}
