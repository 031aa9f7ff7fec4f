// A device of the site file on its node: which functions of the PCI bus it is, who shares their group, and whom the host needs.
import type { Device } from '../../site/services.ts'
import { toKind } from './class-names.ts'
import type { Machine, PciDevice } from './machine.ts'

export interface Target {
  readonly device: Device
  /** What the guest gets, in the order of their addresses; [] with a problem. */
  readonly functions: readonly PciDevice[]
  /** `0000:01:00`, or with its function where it is one alone; what a mapping calls its path. Empty with a problem. */
  readonly slot: string
  /** Who else is in the group or groups, bridges apart: a guest that starts takes them from the host. */
  readonly group: readonly PciDevice[]
  /** Why it is not to be told which it is. */
  readonly problem?: string
}

/**
 * Of a PCI device of the site file (not one with a USB port). All functions of a slot belong together, whether the file names
 * them or not; a virtual function, and one that the file gives an address with another function than 0, is meant alone. Pure.
 */
export function getTarget(device: Device, machine: Machine): Target {
  const none = { device, functions: [], slot: '', group: [] }
  if (!machine.isTold) return { ...none, problem: `${device.node} did not tell its devices` }
  const all = getUnits(device, machine)
  const units = device.address === undefined ? all : all.filter(({ slot }) => isAt(slot, toFull(device.address ?? '')))
  const fitting = units.filter((unit) => missing(device, unit).length === 0)
  const [unit] = fitting
  if (unit === undefined) return { ...none, problem: notThere(device, units, machine) }
  if (fitting.length > 1) return { ...none, problem: alike(device, fitting) }
  const groups = new Set(unit.functions.flatMap(({ group }) => group ?? []))
  const own = new Set(unit.functions.map(({ address }) => address))
  const isOther = ({ address, bridge, group }: PciDevice) =>
    group !== undefined && groups.has(group) && !bridge && !own.has(address)
  return { device, ...unit, group: machine.devices.filter(isOther) }
}

/** What the host cannot do without and would lose with this device: one text each. A hard stop. Pure. */
export function getHazards({ functions, group }: Target, { usb, devices }: Machine): readonly string[] {
  const taken = [...functions, ...group]
  const isTaken = (address: string | undefined) => taken.some((device) => device.address === address)
  const keyboards = usb.filter(({ isKeyboard, controller }) => isKeyboard && controller !== undefined)
  const isLast = keyboards.every(({ controller }) => isTaken(controller))
  return devices
    .filter(({ address }) => isTaken(address))
    .flatMap((device) => {
      const own = keyboards.filter(({ controller }) => isLast && controller === device.address)
      const uses = [...device.uses, ...own.map(({ port }) => `the only keyboard is at its port ${port}`)]
      return uses.length === 0 ? [] : [`${device.address} (${toKind(device)}): ${uses.join(', ')}`]
    })
}

interface Unit {
  readonly slot: string
  readonly functions: readonly PciDevice[]
}

/** What could go to a guest as one. */
function getUnits({ address }: Device, { devices }: Machine): readonly Unit[] {
  const units = new Map<string, PciDevice[]>()
  const isAlone = (device: PciDevice) => device.physical !== undefined || isOneFunction(device, address)
  for (const device of devices.toSorted((a, b) => (a.address < b.address ? -1 : 1))) {
    if (device.bridge) continue
    const slot = isAlone(device) ? device.address : device.address.replace(/\.[0-7]$/, '')
    units.set(slot, [...(units.get(slot) ?? []), device])
  }
  return [...units].map(([slot, functions]) => ({ slot, functions }))
}

function isOneFunction(device: PciDevice, address: string | undefined): boolean {
  return address !== undefined && !address.endsWith('.0') && toFull(address) === device.address
}

/** `01:00.0` → `0000:01:00.0`. */
function toFull(address: string): string {
  const text = address.toLowerCase()
  return /^[0-9a-f]{4,8}:[0-9a-f]{2}:/.test(text) ? text : `0000:${text}`
}

const isAt = (slot: string, address: string): boolean => slot === address || slot === address.replace(/\.0$/, '')

function missing({ ids }: Device, { functions }: Unit): readonly string[] {
  return ids.filter((id) => !functions.some((one) => one.id === id.toLowerCase()))
}

function notThere(device: Device, units: readonly Unit[], machine: Machine): string {
  const { name, node, ids, address } = device
  const where = address === undefined ? '' : ` at ${toFull(address)}`
  if (machine.devices.length === 0) return `${node} has no PCI device at all`
  if (address !== undefined && units.length === 0) return `${node} has no PCI device${where}`
  const partly = units.filter((unit) => address !== undefined || missing(device, unit).length < ids.length)
  if (partly.length > 0) return partly.map((unit) => isOtherwise(device, unit)).join('; ')
  const port = machine.usb.find(({ id }) => ids.includes(id))?.port
  const usb = port === undefined ? '' : `; a USB device ${ids.join(', ')} is at its port ${port}: devices.${name}.port`
  return `${node} has no PCI device ${ids.join(', ')}${usb}`
}

function isOtherwise(device: Device, unit: Unit): string {
  const there = unit.functions.map(({ id }) => id).join(', ')
  return `${device.node} has ${there} at ${unit.slot}, and no ${missing(device, unit).join(', ')} there`
}

function alike({ name, node, address }: Device, units: readonly Unit[]): string {
  const places = units.map(({ slot }) => (/\.[0-7]$/.test(slot) ? slot : `${slot}.0`)).join(', ')
  const hint = address === undefined ? `: say which with devices.${name}.address` : ''
  return `${node} has ${units.length} such devices (${places})${hint}`
}
