// What a node's hardware says of a device, as the resources take it; made by part gpu from what it has read of the node.
import type { ReadWish } from '../host/host.ts'
import type { Outside } from '../resource.ts'
import type { Device } from '../site/services.ts'
import type { Site } from '../site/site.ts'
import { type DeviceNames, isSamePlace } from './device-use.ts'
import { type HostFacts, readFacts } from './host-facts.ts'
import { parseProperties } from './property-string.ts'
import { type Mapping, mappings } from './shared-reads.ts'

export interface DeviceSight {
  /** `0000:01:00`, or one function of it alone; undefined where it is not there, or not of PCI. */
  readonly slot?: string
  /** What the mapping says of it for its node, without the node itself; undefined while that cannot be known. */
  readonly entry?: Readonly<Record<string, string>>
  /** Why no guest can have it. */
  readonly problem?: string
  /** What only a restart of the node brings: the device is still the host's, or there is no IOMMU yet. */
  readonly reboot?: string
  /** It is there, and does not answer: a rescan of the bus may bring it back, or a restart of the node. */
  readonly lost?: string
}

/** How a device is looked at. */
export interface DeviceLook {
  readonly site: Site
  readonly device: Device
  readonly wish: ReadWish
  /** Pure. */
  readonly sight: (seen: HostFacts) => DeviceSight
}

/** The device as its node has it. Errors: those of Host. */
export async function readSight({ device, wish, sight }: DeviceLook, outside: Outside): Promise<DeviceSight> {
  return sight(await readFacts(await outside.host(device.node), wish))
}

/** PCI or USB, by which bus it is on. */
export function busOf({ port }: Device): 'pci' | 'usb' {
  return port === undefined ? 'pci' : 'usb'
}

/** All names under which a guest of the device's node may have it. */
export async function readNames(
  { device }: Pick<DeviceLook, 'device'>,
  slot: string | undefined,
  outside: Outside,
): Promise<DeviceNames> {
  const known = await mappings(outside.pve.cluster(device.node), busOf(device))
  const place = device.port ?? slot
  const others = [...known].filter(([, mapping]) => {
    const path = entryOf(mapping, device.node)?.get('path')
    return place !== undefined && path !== undefined && isSamePlace(path, place)
  })
  const names = { device, mappings: new Set([device.name, ...others.map(([name]) => name)]) }
  return slot === undefined ? names : { ...names, slot }
}

/** The line of a mapping for one node. */
export function entryOf({ map }: Mapping, node: string): ReadonlyMap<string, string> | undefined {
  return map.map((line) => parseProperties(line)).find((entry) => entry.get('node') === node)
}
