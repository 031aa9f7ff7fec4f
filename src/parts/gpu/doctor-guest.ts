// What the doctor checks in the cluster: the mapping of a device, and the settings of the guests that may have it.

import { entryOf } from '../../resources/device-sight.ts'
import { type Holder, holds, usesOf } from '../../resources/device-use.ts'
import type { Settings } from '../../resources/setting.ts'
import type { Mapping } from '../../resources/shared-reads.ts'
import type { Guest } from '../../site/site.ts'
import { apply, type DeviceView, type Finding, fail, pass, task } from './doctor-view.ts'
import type { Target } from './target.ts'

/** The mapping of a PCI device, as Proxmox VE compares it before each start. Pure. */
export function checkMapping(view: DeviceView, target: Target, mapping: Mapping | undefined): Finding {
  const { device, node } = view
  if (mapping === undefined) return fail(`no mapping ${device.name}`, apply(view))
  const entry = entryOf(mapping, node.name)
  if (entry === undefined) return fail(`the mapping ${device.name} does not have ${node.name}`, apply(view))
  const [first] = target.functions
  if (first === undefined) return fail(`it says ${entry.get('path')}, and the device is not there`, apply(view))
  const wanted: readonly (readonly [string, string | undefined])[] = [
    ['path', target.slot],
    ['id', first.id],
    ['subsystem-id', first.subsystem],
    ['iommugroup', first.group === undefined ? undefined : String(first.group)],
  ]
  const wrong = wanted.filter(([key, want]) => want !== undefined && normal(entry.get(key)) !== normal(want))
  if (wrong.length === 0) return pass(`${device.name}: ${target.slot}, group ${first.group}`)
  const text = wrong.map(([key, want]) => `${key} ${entry.get(key) ?? 'missing'}, and it is ${want}`).join('; ')
  return fail(`${text}: no guest starts with it`, apply(view))
}

/** `0x10de:0x2204` is the same id. */
const normal = (text: string | undefined): string | undefined => text?.toLowerCase().replaceAll('0x', '')

/** Whether two have it, or one that must not. Pure. */
export function checkHolders(view: DeviceView, holders: readonly Holder[]): Finding | undefined {
  const { device, guests } = view
  const running = holders.filter((one) => one.running)
  const names = (list: readonly Holder[]) => list.map(({ name, vmid }) => `${name} (${vmid})`).join(', ')
  if (running.length > 1) return fail(`${names(running)} run with it`, 'stop all but one of them')
  const foreign = holders.filter((one) => !guests.some(({ name }) => name === one.guest?.name))
  if (foreign.length > 0)
    return fail(
      `${names(foreign)} has it too, and not by the site file`,
      `take it away there, or name it in devices.${device.name}.standby`,
    )
  if (holders.length > 1)
    return fail(`${names(holders)} are all set to have it`, `orion gpu move ${device.name} ${device.guest ?? 'GUEST'}`)
  const [one] = holders
  if (one === undefined) return guests.length === 0 ? undefined : fail('no guest has it', apply(view))
  const waiting = waitingOf(one)
  if (waiting !== undefined) return waiting
  const seen = `${names(holders)} has it${one.running ? ' and runs' : ', and does not run'}`
  if (device.guest !== undefined && one.guest?.name !== device.guest) {
    const on = one.running ? '' : `on: orion gpu move ${device.name} ${one.name}; `
    return task(seen, `${on}back: orion gpu move ${device.name} ${device.guest}`)
  }
  return pass(seen)
}

/** Of a guest that runs: what is stored for it, and what it runs with, are two things. */
function waitingOf({ name, vmid, running, uses }: Holder): Finding | undefined {
  if (!running || uses.some(({ active, next }) => active && next)) return undefined
  const isComing = uses.some(({ next }) => next)
  return task(
    `${name} (${vmid}) runs ${isComing ? 'without it, and gets it' : 'with it, and gives it away'} with its next start`,
    `orion vm apply --only ${name} --restart`,
  )
}

/** A VM that has it, or may get it by a move. `settings` undefined = it is not there. Pure. */
export function checkGuest(view: DeviceView, guest: Guest, settings: Settings | undefined): Finding {
  const { device, target } = view
  const todo = `orion vm apply --only ${guest.name}`
  if (settings === undefined) return fail('not there', todo)
  const at = (key: string): string => settings.get(key)?.next ?? ''
  const names = { device, slot: target?.slot, mappings: new Set([device.name]) }
  const uses = usesOf(settings, names)
  const hasIt = holds(uses, false)
  const hostpci = uses.filter(({ next }) => next).map(({ key }) => at(key))
  const isStored = uses.some(({ active, next }) => next && !active)
  const wrong = [
    ...(/(?:^|-|=)q35\b/.test(at('machine')) ? [] : [`machine ${at('machine') || 'i440fx'}, and PCI Express is q35's`]),
    ...(at('bios') === 'ovmf' ? [] : [`firmware ${at('bios') || 'seabios'}, and cards want ovmf`]),
    ...(at('bios') === 'ovmf' && at('efidisk0') === '' ? ['no efidisk0: what the firmware keeps is lost'] : []),
    ...(hasIt && at('balloon') !== '0' ? ['a balloon, and all of its memory is pinned: balloon 0'] : []),
    ...hostpci.flatMap((text) => wrongIn(text, device.name)),
  ]
  if (wrong.length > 0) return fail(wrong.join('; '), hasIt ? `${todo}, and ${apply(view)}` : todo)
  const cpu = /^(?:cputype=)?([^,]*)/.exec(at('cpu'))?.[1] || 'kvm64'
  if (cpu !== 'host' && !at('cpu').includes('phys-bits='))
    return task(
      `cpu ${cpu}: the memory of a large card may lie beyond its addresses`,
      `guests.${guest.name}.cpu: host, then ${todo}`,
    )
  const what = isStored ? `stored: ${hostpci.join(' ')}` : hostpci.join(' ')
  return pass(`q35, ovmf, cpu ${cpu}${hasIt ? `, balloon 0, ${what}` : ', ready for it'}`)
}

function wrongIn(hostpci: string, name: string): readonly string[] {
  const words = hostpci.split(',')
  return [
    ...(words.includes(`mapping=${name}`) ? [] : [`${hostpci}: by its address, and not by the mapping ${name}`]),
    ...(words.includes('pcie=1') ? [] : ['no pcie=1']),
  ]
}
