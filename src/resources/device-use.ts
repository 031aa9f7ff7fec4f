// Which options of a guest's configuration are a device, whatever way it is said; and which guests have it.
import type { Cluster } from '../pve/pve.ts'
import type { Outside } from '../resource.ts'
import type { Device } from '../site/services.ts'
import type { Guest, Site } from '../site/site.ts'
import { candidatesOf } from './device-value.ts'
import { listGuests } from './guest-api.ts'
import { carriesMark } from './guest-identity.ts'
import { readPending, settingsOf } from './guest-state.ts'
import { parseProperties } from './property-string.ts'
import type { Settings } from './setting.ts'
import { type ClusterGuest, clusterGuests } from './shared-reads.ts'

/** A device, and under which names guests may have it. */
export interface DeviceNames {
  readonly device: Device
  /** `0000:01:00`, or one function alone; undefined where it is not there, or not of PCI. */
  readonly slot?: string | undefined
  /** Mappings that lead to it on its node, its own among them. */
  readonly mappings: ReadonlySet<string>
}

/** One option that is the device. */
export interface DeviceUse {
  /** `hostpci0` */
  readonly key: string
  /** It has it now, if it runs. */
  readonly active: boolean
  /** It is stored: it has it from its next start. */
  readonly next: boolean
}

/** A guest that has a device: by its stored configuration, or because it runs with it. */
export interface Holder {
  readonly vmid: number
  readonly name: string
  readonly node: string
  readonly running: boolean
  readonly uses: readonly DeviceUse[]
  /** Of this site; undefined = not orion's to touch. */
  readonly guest?: Guest
}

/** The options of a guest that are this device. Pure. */
export function usesOf(settings: Settings, names: DeviceNames): readonly DeviceUse[] {
  return [...settings].flatMap(([key, { active, next }]) => {
    const is = (value: string | undefined) => value !== undefined && isDevice(key, value, names)
    const use = { key, active: is(active), next: is(next) }
    return use.active || use.next ? [use] : []
  })
}

function isDevice(key: string, value: string, { device, slot, mappings }: DeviceNames): boolean {
  const family = /^(hostpci|usb|dev)\d+$/.exec(key)?.[1]
  if (family === undefined) return false
  if (family === 'dev') return device.path !== undefined && parseProperties(value, 'path').get('path') === device.path
  const properties = parseProperties(value, 'host')
  const host = properties.get('host')?.toLowerCase()
  if (family === 'usb') {
    if (device.port === undefined) return false
    return isMapped(properties.get('mapping'), mappings) || host === device.port || device.ids.includes(host ?? '')
  }
  if (device.port !== undefined) return false
  // `01:00`, `0000:01:00.1`, `01:00.0;01:00.1`
  const places = (host ?? '').split(';').map((one) => (one.split(':').length === 2 ? `0000:${one}` : one))
  const isHere = slot !== undefined && places.some((place) => isSamePlace(place, slot))
  return isHere || isMapped(properties.get('mapping'), mappings)
}

/** Is one the other, or a function of it? `0000:01:00` and `0000:01:00.1`. Pure. */
export function isSamePlace(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`)
}

function isMapped(name: string | undefined, mappings: ReadonlySet<string>): boolean {
  return name !== undefined && mappings.has(name)
}

/** Does a guest with these options have it: stored, or running with it although it is to go with its next start? Pure. */
export function holds(uses: readonly DeviceUse[], running: boolean): boolean {
  return uses.some(({ active, next }) => next || (running && active))
}

/**
 * Every guest that has the device: those of its node, and those that may have it wherever they are. Foreign ones too.
 * One read per guest of the node, shared until something is written.
 */
export async function readHolders(site: Site, names: DeviceNames, outside: Outside): Promise<readonly Holder[]> {
  const { device } = names
  const cluster = outside.pve.cluster(device.node)
  const candidates = new Map(candidatesOf(site, device).map((guest) => [guest.vmid, guest]))
  const all = [...(await clusterGuests(cluster)).values()]
  // Only a container has a node of /dev, and only a VM what is on a bus.
  const mayHave = ({ kind }: ClusterGuest) => (kind === 'ct' ? device.path !== undefined : true)
  const looked = all.filter((one) => mayHave(one) && (one.node === device.node || candidates.has(one.vmid)))
  const holders = await Promise.all(looked.map((found) => holderOf(site, names, cluster, found)))
  return holders.flat().sort((a, b) => a.vmid - b.vmid)
}

async function holderOf(site: Site, names: DeviceNames, cluster: Cluster, found: ClusterGuest): Promise<Holder[]> {
  const { vmid, kind, node, name } = found
  const settings = settingsOf((await readPending(cluster, found)) ?? [])
  const uses = usesOf(settings, names)
  if (uses.length === 0) return []
  const listed = (await listGuests(cluster, kind, node)).find((one) => Number(one.vmid) === vmid)
  const running = listed?.status !== 'stopped' // Where a node does not say, it may well run.
  if (!holds(uses, running)) return []
  const guest = guestOf(site, names.device.node, found)
  const ours = guest !== undefined && carriesMark(site, settings.get('tags')?.next ?? '')
  return [{ vmid, name: ours ? guest.name : name, node, running, uses, ...(ours ? { guest } : {}) }]
}

/** VMIDs are unique within a cluster only. */
function guestOf(site: Site, place: string, { vmid, kind }: ClusterGuest): Guest | undefined {
  const clusterOf = (node: string) => site.nodes.find(({ name }) => name === node)?.cluster
  return site.guests.find((one) => one.vmid === vmid && one.kind === kind && clusterOf(one.node) === clusterOf(place))
}
