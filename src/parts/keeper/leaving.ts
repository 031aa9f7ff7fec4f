// A guest that would leave its node: what it needs at another one, and what speaks against its leaving at all. Pure.
import { parseProperties } from '../../resources/property-string.ts'
import type { Settings } from '../../resources/setting.ts'
import type { Guest, Site } from '../../site/site.ts'

export interface Volume {
  readonly storage: string
  readonly sizeGib: number
}

/** A guest as it is now. */
export interface Leaving {
  readonly name: string
  readonly vmid: number
  readonly kind: Guest['kind']
  readonly running: boolean
  readonly memoryMib: number
  /** So many the other node must have: its own, and those that its affinity names. */
  readonly threads: number
  readonly content: 'images' | 'rootdir'
  readonly volumes: readonly Volume[]
  readonly bridges: readonly string[]
  /** Why it cannot go; [] = it can. */
  readonly against: readonly string[]
  /** Worth knowing before it goes. */
  readonly remarks: readonly string[]
}

const DISK = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused|mp)\d+$|^rootfs$/
const DEVICE = /^(?:hostpci|usb|parallel|dev)\d+$/

/** `isHa`: HA looks after it. `isShared`: of a storage, by its name. */
export function leavingOf(
  site: Site,
  guest: Guest,
  seen: { readonly running: boolean; readonly settings: Settings },
  { isHa, isShared }: { readonly isHa: boolean; readonly isShared: (storage: string) => boolean },
): Leaving {
  const values = [...seen.settings].flatMap(([key, { active }]) =>
    active === undefined ? [] : [[key, active] as const],
  )
  const disks = values.filter(([key]) => DISK.test(key))
  const { name, vmid, kind, memoryMib, cores, sockets } = guest
  return {
    ...{ name, vmid, kind, running: seen.running, memoryMib },
    threads: Math.max(cores * sockets, lastCpu(seen.settings.get('affinity')?.active) + 1),
    content: kind === 'vm' ? 'images' : 'rootdir',
    volumes: disks.flatMap(([, value]) => volumeOf(value)),
    bridges: [...new Set(values.flatMap(([key, value]) => bridgeOf(key, value)))],
    against: [
      ...ownCores(guest),
      ...devices(site, guest, values),
      ...disks.flatMap(([key, value]) => tiedDisk(key, value, isShared)),
      ...lockOf(seen.settings),
    ],
    remarks: [
      ...(kind === 'ct' && seen.running ? ['it ends and starts again'] : []),
      ...(kind === 'vm' && seen.running && guest.cpu === 'host' ? ['live only between processors that are alike'] : []),
      ...(isHa ? ['HA moves it'] : []),
    ],
  }
}

function ownCores({ pin, affinity }: Guest): string[] {
  return pin || affinity !== undefined ? ['its cores are pinned'] : []
}

/** The others of a node with pinned guests have an affinity, too: the rest of its CPUs. -1 where there is none. */
function lastCpu(affinity = ''): number {
  return Math.max(-1, ...[...affinity.matchAll(/\d+/g)].map(([number]) => Number(number)))
}

/** By the site file, and by what it has: a device of its node stays there. */
function devices({ devices: all }: Site, { name }: Guest, values: readonly (readonly [string, string])[]): string[] {
  const own = all.filter((device) => device.guest === name || device.standby.includes(name))
  const has = values.filter(([key, value]) => isDevice(key, value)).map(([key]) => key)
  if (own.length > 0) return [`it gets ${own.map((device) => device.name).join(', ')}`]
  return has.length === 0 ? [] : [`it has devices of its node (${has.join(', ')})`]
}

function isDevice(key: string, value: string): boolean {
  if (/^serial\d+$/.test(key)) return value.startsWith('/dev/')
  return DEVICE.test(key) && !/^(?:host=)?spice\b/.test(value)
}

function tiedDisk(key: string, value: string, isShared: (storage: string) => boolean): string[] {
  const [first = ''] = value.split(',')
  const volume = parseProperties(value, 'file').get('file') ?? first
  if (volume.startsWith('/')) return [`${key} is ${volume} of its node`]
  const isCd = /(?:^|,)media=cdrom(?:,|$)/.test(value) && !/cloudinit/.test(volume)
  const storage = volume.split(':')[0] ?? ''
  return isCd && volume.includes(':') && !isShared(storage) ? [`${key} holds ${volume}, which only its node has`] : []
}

function lockOf(settings: Settings): string[] {
  const lock = settings.get('lock')?.active
  return lock === undefined || lock === 'migrate' ? [] : [`it is locked (${lock})`]
}

/** [] for an empty drive, a directory, and a CD, which is not moved. */
function volumeOf(value: string): Volume[] {
  const properties = parseProperties(value, 'file')
  const [storage = '', rest] = (properties.get('file') ?? properties.get('volume') ?? '').split(':')
  if (rest === undefined || storage.startsWith('/') || properties.get('media') === 'cdrom') return []
  return [{ storage, sizeGib: gibOf(properties.get('size') ?? '') }]
}

const GIB_OF: Readonly<Record<string, number>> = { K: 1 / 1024 ** 2, M: 1 / 1024, G: 1, T: 1024 }

/** `32G`, `528K`; 0 where it is not said. */
function gibOf(size: string): number {
  const [, number, unit = 'G'] = /^(\d+(?:\.\d+)?)([KMGT])?$/.exec(size) ?? []
  return Number(number ?? 0) * (GIB_OF[unit] ?? 1)
}

function bridgeOf(key: string, value: string): string[] {
  const bridge = /^net\d+$/.test(key) ? parseProperties(value).get('bridge') : undefined
  return bridge === undefined ? [] : [bridge]
}
