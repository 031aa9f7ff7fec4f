// What the doctor checks of a device on its node: is it there, who shares its group, and what its kind needs.
import { toKind } from './class-names.ts'
import { DRIVER_ROWS } from './doctor-driver.ts'
import {
  apply,
  type DeviceView,
  type Finding,
  fail,
  onPassed,
  onTarget,
  pass,
  type Row,
  type There,
  task,
  unknown,
} from './doctor-view.ts'
import type { PciDevice } from './machine.ts'
import { getHazards } from './target.ts'

/** In the order of the checklist. */
export const DEVICE_ROWS: readonly Row<DeviceView>[] = [
  { step: 1, name: 'inventory', check: inventory },
  { step: 0, name: 'console', check: onPassed(console) },
  { step: 6, name: 'group', check: onTarget(group) },
  ...DRIVER_ROWS,
  { step: 14, name: 'Coral', check: coral },
  { step: 15, name: 'virtual function', check: virtualFunction },
]

const nameOf = (one: PciDevice): string => `${one.id} ${toKind(one)}`

function inventory({ device, target, machine, node }: DeviceView): Finding {
  if (target === undefined) return usb(device, machine, node.name)
  const check = 'see the ids and addresses below, or lspci -nn there; the slot, or its power, where it should be there'
  if (target.problem !== undefined) return fail(target.problem, check)
  const extra = target.functions.filter(({ id }) => !device.ids.includes(id)).map(nameOf)
  const more = extra.length > 0 ? `; ${extra.join(', ')} goes along` : ''
  const named = target.functions.filter(({ id }) => device.ids.includes(id)).map(nameOf)
  return pass(`${target.slot}: ${named.join(', ')}${more}`)
}

function usb({ port, ids }: DeviceView['device'], machine: DeviceView['machine'], node: string): Finding {
  const there = machine.usb.find((one) => one.port === port)
  const plugged = `plug it into port ${port} of ${node}`
  if (!machine.isTold) return unknown(`${node} did not tell its devices`)
  if (there === undefined) return fail(`nothing at USB port ${port}`, plugged)
  if (!ids.includes(there.id)) return fail(`${there.id} at USB port ${port}, and not ${ids.join(' or ')}`, plugged)
  return pass(`${there.id} at USB port ${port}`)
}

/** The display that the firmware uses goes black with the first start of the guest. */
function console({ device, target, node }: There): Finding | undefined {
  const display = target.functions.find(({ bootVga }) => bootVga)
  if (display === undefined) return undefined
  if (device.primaryGpu) return pass(`the node's own console is on it, and goes (primaryGpu)`)
  return task(
    `the node's own console is on ${display.address}`,
    `first display in the firmware: internal graphics or the BMC; else devices.${device.name}.primaryGpu: true, and ${node.name} has no screen`,
  )
}

function group({ target, machine }: There): Finding {
  const groups = [...new Set(target.functions.flatMap((one) => one.group ?? []))]
  if (groups.length === 0) return fail('in no group: no IOMMU works', 'step 5 first')
  const hazards = getHazards(target, machine)
  const name = groups.length === 1 ? `group ${groups[0]}` : `groups ${groups.join(', ')}`
  if (hazards.length > 0)
    return fail(
      `${name} has what the node needs, and a guest that starts would take it: ${hazards.join('; ')}`,
      'another slot for the card, or for what is in its group; orion stops here',
    )
  if (target.group.length === 0) return pass(`${name}, with nobody else`)
  return pass(
    `${name}, with ${target.group.map((one) => `${one.address} ${nameOf(one)}`).join(', ')}, which go along and nobody uses`,
  )
}

const CORAL = /^(?:1ac1:089a|1a6e:089a|18d1:9302)$/
const CORAL_MODULES = ['apex', 'gasket']

function coral(view: DeviceView): Finding | undefined {
  const { device, guests, isPassed, look, machine, node } = view
  if (!device.ids.some((id) => CORAL.test(id))) return undefined
  if (guests.some(({ kind }) => kind === 'ct')) {
    const { path = '/dev/apex_0' } = device
    if (look?.paths.has(path)) return pass(`${path} for the container`)
    return fail(`no ${path}`, `gasket-dkms and the headers of each kernel on ${node.name}, by hand`)
  }
  if (device.port !== undefined) return pass('by its USB port, as its id changes when its firmware is loaded')
  if (!isPassed) return undefined
  const loaded = CORAL_MODULES.filter((name) => machine.modules.has(name))
  if (loaded.length === 0) return pass(`${CORAL_MODULES.join(' and ')} are kept off the node`)
  const isTaken = view.target?.functions.some((one) => one.driver !== undefined && one.driver !== 'vfio-pci')
  return isTaken
    ? fail(`${loaded.join(', ')} on the node has it`, apply(view))
    : pass(`${loaded.join(', ')} is loaded, and does not have it`)
}

function virtualFunction({ target }: DeviceView): Finding | undefined {
  const physical = target?.functions[0]?.physical
  if (physical === undefined) return undefined
  return task(
    `it is made by ${physical} at each start, and not by orion`,
    'a file of /etc/sysfs.d or a udev rule that writes sriov_numvfs before guests start',
  )
}
