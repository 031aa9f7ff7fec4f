// What the doctor judges: a node, its devices as the site file has them, and what was read of both.
import { candidatesOf } from '../../resources/device-value.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Device } from '../../site/services.ts'
import type { Guest, Node, Site } from '../../site/site.ts'
import { vfioDevices } from './binding.ts'
import type { DoctorLook } from './doctor-look.ts'
import type { Machine, PciDevice } from './machine.ts'
import { getHazards, getTarget, type Target } from './target.ts'

/** `task`: what only a person can do or see. `unknown`: it could not be read. */
export type Verdict = 'pass' | 'fail' | 'task' | 'unknown'

export interface Finding {
  readonly state: Verdict
  readonly seen: string
  /** What to do where it does not pass. */
  readonly todo?: string
}

/** One row of the checklist; undefined = it is none of this node's or device's. */
export interface Row<View> {
  readonly step: number
  readonly name: string
  check(view: View): Finding | undefined
}

export interface NodeView {
  readonly node: Node
  readonly machine: Machine
  readonly look: DoctorLook | undefined
  readonly seen: HostFacts
  /** Devices of the PCI bus that a VM gets: only these make the node bind anything. */
  readonly passed: readonly Target[]
}

export interface DeviceView extends NodeView {
  readonly device: Device
  /** Guests that may have it, the one that has it by the site file first. */
  readonly guests: readonly Guest[]
  /** undefined = not of the PCI bus. */
  readonly target?: Target
  /** A VM gets it. */
  readonly isPassed: boolean
  /** What must be mended by hand before orion does anything with it. */
  readonly blocked?: string
}

export interface Views {
  readonly node: NodeView
  readonly devices: readonly DeviceView[]
}

/** Pure. */
export function getViews(site: Site, node: Node, read: Pick<NodeView, 'machine' | 'look' | 'seen'>): Views {
  const own = site.devices.filter((device) => device.node === node.name)
  const targets = new Map(
    own.flatMap((device) => (device.port === undefined ? [[device, getTarget(device, read.machine)] as const] : [])),
  )
  const bound = vfioDevices(site, node)
  const passed = bound.flatMap((device) => targets.get(device) ?? [])
  const view: NodeView = { node, ...read, passed }
  const devices = own.map((device): DeviceView => {
    const target = targets.get(device)
    const base = { ...view, device, guests: candidatesOf(site, device), isPassed: bound.includes(device) }
    return target === undefined ? base : { ...base, target, ...getBlock(target, read.machine) }
  })
  return { node: view, devices }
}

function getBlock(target: Target, machine: Machine): Pick<DeviceView, 'blocked'> {
  if (target.problem !== undefined) return { blocked: 'step 1 first' }
  return getHazards(target, machine).length > 0 ? { blocked: 'step 6 first' } : {}
}

export type There = DeviceView & { readonly target: Target }
type Check<View> = (view: View) => Finding | undefined

/** Only of a device of the PCI bus that is there. */
export function onTarget(check: Check<There>): Check<DeviceView> {
  return (view) => {
    const { target } = view
    return target !== undefined && target.functions.length > 0 ? check({ ...view, target }) : undefined
  }
}

/** Only of one that a VM gets, too. */
export function onPassed(check: Check<There>): Check<DeviceView> {
  return onTarget((view) => (view.isPassed ? check(view) : undefined))
}

export const addressesOf = (functions: readonly PciDevice[]): string =>
  functions.map(({ address }) => address).join(', ')

/** The command that makes it so: what is stored is in force after a restart of the node, which it asks for. */
export const apply = ({ node, blocked }: NodeView & Pick<DeviceView, 'blocked'>): string =>
  blocked ?? `orion gpu apply --node ${node.name} --reboot now`

export const pass = (seen: string): Finding => ({ state: 'pass', seen })
export const fail = (seen: string, todo: string): Finding => ({ state: 'fail', seen, todo })
export const task = (seen: string, todo: string): Finding => ({ state: 'task', seen, todo })
export const unknown = (seen: string): Finding => ({ state: 'unknown', seen })
