// What a guest has of its devices, who else has them, and what keeps it from getting them.
import type { Outside } from '../resource.ts'
import type { Guest } from '../site/site.ts'
import { busOf, type DeviceLook, type DeviceSight, entryOf, readNames, readSight } from './device-sight.ts'
import { type DeviceUse, type Holder, readHolders, usesOf } from './device-use.ts'
import { type DeviceValue, deviceValue } from './device-value.ts'
import { type GuestState, readGuest } from './guest-state.ts'
import { mappings } from './shared-reads.ts'

/** One device of the guest. */
export interface HeldDevice {
  readonly look: DeviceLook
  readonly value: DeviceValue
  readonly sight: DeviceSight
  /** The node stands in the mapping; true where the device needs none. */
  readonly isMapped: boolean
  /** Options of the guest itself that are the device. */
  readonly own: readonly DeviceUse[]
  /** Other guests that have it. */
  readonly others: readonly Holder[]
}

export interface GuestDevicesHave {
  /** undefined = the guest is not there (yet). */
  readonly state?: GuestState
  readonly devices: readonly HeldDevice[]
}

/** Errors: E_FOREIGN for the guest itself; those of Host and of Proxmox VE. */
export async function readGuestDevices(
  guest: Guest,
  looks: readonly DeviceLook[],
  outside: Outside,
): Promise<GuestDevicesHave> {
  const [first] = looks
  if (first === undefined) return { devices: [] }
  const state = await readGuest(first.site, guest, outside)
  const devices = await Promise.all(looks.map((look) => readDevice(guest, look, state, outside)))
  return { devices, ...(state ? { state } : {}) }
}

/** One device as this guest has it. */
export async function readDevice(
  guest: Guest,
  look: DeviceLook,
  state: GuestState | undefined,
  outside: Outside,
): Promise<HeldDevice> {
  const { site, device } = look
  const value = deviceValue(device, guest.kind)
  // What the host drives, or is only plugged in, needs nothing of the PCI bus.
  const sight = value.way === 'pci' || value.way === 'usb' ? await readSight(look, outside) : {}
  const names = await readNames(look, sight.slot, outside)
  const own = state ? usesOf(state.settings, names) : []
  const others = (await readHolders(site, names, outside)).filter(({ vmid }) => vmid !== guest.vmid)
  const known = (await mappings(outside.pve.cluster(device.node), busOf(device))).get(device.name)
  const isNamed = value.way === 'dev' || value.way === 'usb-port'
  const isMapped = isNamed || (known !== undefined && entryOf(known, device.node) !== undefined)
  return { look, value, sight, isMapped, own, others }
}

/** It has the device in the configuration of its next start. */
export const isStored = ({ own }: HeldDevice): boolean => own.some(({ next }) => next)

/** Why it cannot have the device now. */
export interface Obstacle {
  readonly hint: string
  /** It may run without the device meanwhile: its holder is a guest of the site, and `yields: run`. */
  readonly mayRun: boolean
}

/** What comes in this run, before the guest's turn. */
export interface Coming {
  /** The guest itself, where it is not there yet. */
  readonly guest: boolean
  readonly mapping: boolean
  readonly restart: boolean
}

export const NOTHING_COMES: Coming = { guest: false, mapping: false, restart: false }

/** Pure. undefined = nothing is in the way. */
export function obstacleOf(guest: Guest, held: HeldDevice, coming: Coming): Obstacle | undefined {
  const { look, others, sight, isMapped, own } = held
  const { name, node, yields } = look.device
  const stop = (hint: string): Obstacle => ({ hint, mayRun: false })
  const [other] = others
  const move = `orion gpu move ${name} ${guest.name}`
  if (other?.guest && isStored(held)) return stop(`${other.name} has it, too: ${move}`)
  if (other?.guest) return { hint: hasIt(name, other, move), mayRun: yields === 'run' }
  if (other)
    return stop(
      `${other.name} (VMID ${other.vmid} on ${other.node}) has it and is not of this site: take it away there`,
    )
  const odd = own.find(({ key, next }) => next && !key.startsWith(held.value.family))
  if (odd) return stop(`${odd.key} has it in another way: take that off by hand first`)
  if (sight.problem !== undefined) return stop(`${sight.problem}: orion gpu doctor --node ${node}`)
  const restart = sight.reboot ?? sight.lost
  if (restart !== undefined && !coming.restart) return stop(`${restart}: orion gpu apply --node ${node} --reboot now`)
  if (!isMapped && !coming.mapping) return stop(`${name} has no mapping on ${node} yet: orion gpu apply --node ${node}`)
  return undefined
}

/** A move that broke off may have left it with a guest that does not run: nobody has the use of it then. */
function hasIt(device: string, { name, running }: Holder, move: string): string {
  if (running) return `${name} has it: ${move}`
  return `${name} has it, and does not run: on with orion gpu move ${device} ${name}, or back with ${move}`
}
