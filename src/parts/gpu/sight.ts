// A device on its node, as the resources of the cluster's side want to know it: where, as what, and what keeps it from a guest.
import type { DeviceSight } from '../../resources/device-sight.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Device } from '../../site/services.ts'
import type { Machine } from './machine.ts'
import { getMachine } from './machine-read.ts'
import { getHazards, getTarget, type Target } from './target.ts'

/** Pure. */
export function sightOf(device: Device): (seen: HostFacts) => DeviceSight {
  return (seen) => {
    const machine = getMachine(seen)
    return device.port === undefined ? pciSight(device, machine) : usbSight(device, device.port, machine)
  }
}

function pciSight(device: Device, machine: Machine): DeviceSight {
  const target = getTarget(device, machine)
  if (target.problem !== undefined) return { problem: target.problem }
  const { slot } = target
  const hazards = getHazards(target, machine)
  const needed = hazards.length === 0 ? {} : { problem: `the host needs what would go with it: ${hazards.join('; ')}` }
  const reboot = rebootOf(target, machine)
  const mute = target.functions.filter(({ answers }) => !answers).map(({ address }) => address)
  return {
    slot,
    ...entryOf(target, machine),
    ...needed,
    ...(reboot === undefined ? {} : { reboot }),
    ...(mute.length === 0 ? {} : { lost: `${mute.join(' and ')} ${mute.length === 1 ? 'does' : 'do'} not answer` }),
  }
}

// Of several functions Proxmox VE compares the first one's properties. The group is only known with an IOMMU that works.
function entryOf({ slot, functions: [first] }: Target, { iommus }: Machine): Pick<DeviceSight, 'entry'> {
  if (first?.group === undefined || iommus.length === 0) return {}
  const subsystem = first.subsystem === undefined ? {} : { 'subsystem-id': first.subsystem }
  return { entry: { path: slot, id: first.id, ...subsystem, iommugroup: String(first.group) } }
}

/** What is not in force before the node was restarted. */
function rebootOf({ functions, slot }: Target, { iommus }: Machine): string | undefined {
  if (iommus.length === 0 || functions.some(({ group }) => group === undefined)) return `no IOMMU works for ${slot}`
  const taken = functions.find(({ driver }) => driver !== undefined && driver !== 'vfio-pci')
  if (taken) return `${taken.address} is the host's (${taken.driver})`
  const shown = functions.find(({ framebuffer }) => framebuffer !== undefined)
  return shown && `the host's console (${shown.framebuffer}) is on ${shown.address}`
}

function usbSight({ ids, node, name }: Device, port: string, { usb, isTold }: Machine): DeviceSight {
  const entry = { path: port, id: ids[0] ?? '' }
  const there = usb.find((one) => one.port === port)
  if (!isTold) return { entry, problem: `${node} did not tell its devices` }
  if (there === undefined) return { entry, problem: `nothing is in USB port ${port} of ${node}` }
  if (ids.includes(there.id)) return { entry }
  return { entry, problem: `USB port ${port} of ${node} has ${there.id} in it, and ${name} is ${ids.join(' or ')}` }
}
