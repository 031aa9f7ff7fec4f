// Devices on the cluster's side: their mappings, and the guests that get them.
import { asWanted } from '../../probes/as-wanted.ts'
import type { Probe, Resource, ResourceId, Wishes } from '../../resource.ts'
import { deviceMapping, mappingId } from '../../resources/device-mapping.ts'
import type { DeviceLook } from '../../resources/device-sight.ts'
import { candidatesOf, devicesOf, deviceWay, guestDevicesId } from '../../resources/device-value.ts'
import { guestDevices } from '../../resources/guest-devices.ts'
import { NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import type { Device } from '../../site/services.ts'
import type { Guest, Node, Site } from '../../site/site.ts'
import { machineFacts } from './machine-read.ts'
import { sightOf } from './sight.ts'

type Wish = DeviceLook['wish']

export interface DeviceOptions {
  /** Take all of it away again: for an undo. */
  readonly absent?: boolean
  /** Only what guests get; a mapping that is missing is waited for. */
  readonly alone?: boolean
  /** Guests that are not there are made by others, not in this run. */
  readonly guestless?: boolean
  /** The node restarts in this run. */
  readonly restarts?: boolean
  readonly wishes?: Wishes
  /** What is read of the node, with machineFacts() in it; so that all topics share one round trip. */
  readonly wish?: Wish
}

/** The mappings of a node's devices, then its guests with their devices. */
export function deviceResources(site: Site, node: Node, options: DeviceOptions): readonly Resource[] {
  const { alone = false, absent = false, restarts = false, guestless = false, wishes = { restart: false } } = options
  const coming = { guest: !guestless, mapping: !alone, restart: restarts }
  const look = lookOf(site, options.wish)
  const restart = (devices: readonly Device[]): readonly ResourceId[] =>
    devices.some(({ port }) => port === undefined) ? [`reboot:${node.name}/gpu`] : []
  const ofGuest = (guest: Guest) => (absent ? mayHave(site, guest) : devicesOf(site, guest))
  const owners = site.guests.filter((guest) => guest.node === node.name && ofGuest(guest).length > 0)
  const mapped = site.devices.filter((device) => device.node === node.name && isMapped(site, device))
  const mappings = mapped.map((device) => {
    const needs = absent ? owners.map(guestDevicesId) : restart([device])
    return deviceMapping(look(device), { cluster: node.cluster, needs, absent, restarts })
  })
  const guests = owners.map((guest) => {
    const looks = ofGuest(guest).map(look)
    const own = looks.filter(({ device }) => isMapped(site, device))
    const before = alone
      ? []
      : [...own.map((one) => mappingId(node.cluster, one)), ...restart(own.map((one) => one.device))]
    const needs = absent ? [] : [guestId(guest), ...before]
    return guestDevices(guest, looks, { wishes, needs, absent, coming })
  })
  return alone ? guests : [...mappings, ...guests]
}

/** Proof that mappings and guests are as wanted. */
export function deviceProbes(site: Site, node: Node, wish?: Wish): readonly Probe[] {
  const resources = deviceResources(site, node, wish === undefined ? {} : { wish })
  return resources.map((resource) => asWanted(resource, 'as the site file says'))
}

/** How devices of this site are looked at. */
export function lookOf(site: Site, wish: Wish = wishOf([NODE_NAME, machineFacts()])): (device: Device) => DeviceLook {
  return (device) => ({ site, device, wish, sight: sightOf(device) })
}

/** All that a guest may have got, also by a move. */
const mayHave = (site: Site, guest: Guest): readonly Device[] =>
  site.devices.filter((device) => candidatesOf(site, device).includes(guest))

/** Does some guest get it by a mapping? */
function isMapped(site: Site, device: Device): boolean {
  return candidatesOf(site, device).some(({ kind }) => /^(pci|usb)$/.test(deviceWay(device, kind)))
}

function guestId({ kind, node, vmid }: Guest): ResourceId {
  return `${kind === 'vm' ? 'vm' : 'container'}:${node}/${vmid}`
}
