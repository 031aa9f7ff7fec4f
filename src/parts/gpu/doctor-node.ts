// What the doctor checks of a node itself: names of ports, firmware, loader, command line, IOMMU, modules, early images, kernels.

import { getUnpinned } from '../net/pinning.ts'
import { checkCommandLine } from './doctor-cmdline.ts'
import { apply, type Finding, fail, type NodeView, pass, type Row, task, unknown } from './doctor-view.ts'
import { LOADER_NAMES } from './loader.ts'

/** In the order of the checklist. Those for nodes that bind devices are undefined elsewhere. */
export const NODE_ROWS: readonly Row<NodeView>[] = [
  { step: 0, name: 'port names', check: portNames },
  { step: 0, name: 'second way in', check: secondWay },
  { step: 2, name: 'firmware', check: firmware },
  { step: 3, name: 'loader', check: loader },
  { step: 4, name: 'command line', check: (view) => (binds(view) ? checkCommandLine(view) : undefined) },
  { step: 5, name: 'IOMMU', check: iommu },
  { step: 5, name: 'interrupts', check: remapping },
  { step: 7, name: 'modules', check: modules },
  { step: 9, name: 'early images', check: images },
  { step: 16, name: 'next kernel', check: nextKernel },
]

const binds = ({ passed }: NodeView): boolean => passed.length > 0

/** A card more or less, and the firmware counts the slots anew: a bridge whose port has another name has none. */
function portNames(view: NodeView): Finding | undefined {
  if (!binds(view)) return undefined
  const unpinned = getUnpinned(view.node, view.seen)
  if (unpinned.length === 0) return pass('a new card renames none of the ports')
  return task(
    `${unpinned.join(', ')}: a new card, or another kernel, may give ${unpinned.length === 1 ? 'it' : 'them'} another name`,
    `nodes.${view.node.name}.pinPorts: true in the site file, then orion net apply`,
  )
}

/** Displays of management controllers: ASPEED, and Matrox in servers. */
const BMC = /^(?:1a03:|102b:05[23])/

function secondWay({ look, machine, passed }: NodeView): Finding | undefined {
  if (passed.length === 0) return undefined
  const display = machine.devices.find(({ id, class: code }) => BMC.test(id) && code.startsWith('03'))
  if (look?.hasBmc || display) return pass(`a management controller${display ? ` (display ${display.address})` : ''}`)
  const isDone = passed.every(
    ({ functions }) => functions.length > 0 && functions.every(({ driver }) => driver === 'vfio-pci'),
  )
  if (isDone) return pass('none seen; the node has started with its devices bound')
  return task('no management controller', 'have keyboard and display at the node when it restarts for the first time')
}

function firmware({ machine, passed }: NodeView): Finding | undefined {
  const name = { intel: 'VT-d', amd: 'AMD-Vi (IOMMU)', other: 'the IOMMU' }[machine.cpu]
  if (machine.iommus.length > 0) return pass(`${name} is on; ${machine.firmware === 'uefi' ? 'UEFI' : 'BIOS'}`)
  // Before the kernel is told to use it, it is off anyway on older ones.
  return task(
    `${name} is off, or the kernel does not use it`,
    `in the firmware: ${name} on, Above 4G decoding on${passed.length > 0 ? ', first display on internal graphics or the BMC' : ''}`,
  )
}

function loader({ machine }: NodeView): Finding {
  const { kind, problem, signals, synced } = machine.loader
  const said = signals.map(({ source, says }) => `${source}: ${says}`).join('; ')
  if (kind === undefined)
    return fail(
      problem ?? 'not clear',
      `make it one, by hand: orion changes no command line before it is clear${said ? ` (${said})` : ''}`,
    )
  return pass(`${LOADER_NAMES[kind]}${synced ? ', on ESPs that proxmox-boot-tool keeps' : ''}`)
}

function iommu(view: NodeView): Finding {
  const { iommus, devices } = view.machine
  const groups = new Set(devices.flatMap(({ group }) => group ?? []))
  if (iommus.length > 0 && groups.size > 0) return pass(`${iommus.join(', ')}: ${groups.size} groups`)
  const todo = 'switch it on in the firmware'
  if (iommus.length > 0) return fail(`${iommus.join(', ')}, and no group`, todo)
  return fail('none works', binds(view) ? `${todo}, and ${apply(view)}` : todo)
}

function remapping({ machine, node }: NodeView): Finding | undefined {
  if (machine.iommus.length === 0) return undefined
  if (machine.remapping === undefined) return unknown('not told')
  if (machine.remapping) return pass('remapped')
  if (node.iommu.unsafeInterrupts) return pass('not remapped, and the site file takes that (unsafeInterrupts)')
  return fail(
    'not remapped: no guest with a device will start ("Operation not permitted")',
    `x2APIC and interrupt remapping on in the firmware; where it has none, and every guest is to be trusted: nodes.${node.name}.iommu.unsafeInterrupts`,
  )
}

const MODULES = ['vfio', 'vfio_iommu_type1', 'vfio_pci']

function modules(view: NodeView): Finding | undefined {
  if (!binds(view)) return undefined
  const missing = MODULES.filter((name) => !view.machine.modules.has(name))
  return missing.length === 0 ? pass(MODULES.join(', ')) : fail(`not loaded: ${missing.join(', ')}`, apply(view))
}

function images(view: NodeView): Finding | undefined {
  if (!binds(view)) return undefined
  const { look, machine } = view
  if (look === undefined || look.images.size === 0) return unknown('no early image could be read')
  const without = [...look.images].filter(([, has]) => !has).map(([kernel]) => kernel)
  if (without.length > 0) return fail(`that of ${without.join(', ')} binds nothing`, apply(view))
  const names = [...look.images.keys()].map((kernel) => (kernel === machine.kernel ? `${kernel} (runs)` : kernel))
  return pass(`bind the devices: ${names.join(', ')}`)
}

/** Groups and addresses may be others with another kernel, and modules that are not built for it are gone. */
function nextKernel({ look, machine }: NodeView): Finding | undefined {
  const next = look?.nextKernel
  if (next === undefined) return unknown('not told which kernel starts next')
  const broken = look?.dkms.filter((line) => line.includes(`${next},`) && !/: installed\b/.test(line)) ?? []
  if (broken.length > 0)
    return fail(`not built for ${next}: ${broken.join('; ')}`, `dkms autoinstall -k ${next}, before the node restarts`)
  const unbuilt = unbuiltOf(look?.dkms ?? [], machine.kernel, next)
  if (unbuilt.length > 0)
    return fail(`${unbuilt.join(', ')} not built for ${next}`, `dkms autoinstall -k ${next}, before the node restarts`)
  if (next === machine.kernel) return pass(`${next}, which runs`)
  return task(
    `${next} is next, and ${machine.kernel} runs`,
    `restart the node when it suits, and look again; until then this keeps what works: proxmox-boot-tool kernel pin ${machine.kernel}`,
  )
}

/** Modules that the running kernel has and the next one has not. */
function unbuiltOf(dkms: readonly string[], now: string, next: string): readonly string[] {
  const of = (kernel: string) =>
    dkms.flatMap((line) => (line.includes(` ${kernel},`) ? (line.split(/[/,]/)[0] ?? []) : []))
  const there = new Set(of(next))
  return [...new Set(of(now))].filter((name) => !there.has(name))
}
