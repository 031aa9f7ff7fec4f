// The devices that a guest takes with its start: looked at as Proxmox VE does, bound to vfio-pci, refused where another has them.
import type { HostState } from '../host/state.ts'
import { hostOf } from '../network.ts'
import { parseProperties } from '../property.ts'
import { failure } from '../refusal.ts'
import type { GuestState, World } from '../world.ts'
import { getFunctions, pciProblem, usbProblem } from './mapping-check.ts'
import type { PciState } from './pci.ts'

/** What a start of the guest does to the devices of its node. Throws in Proxmox VE's words; nothing is changed then. */
export function takeDevices(world: World, guest: GuestState): void {
  const host = hostOf(world.state, guest.node)
  checkNodes(host, guest)
  const wanted = functionsOf(world, guest)
  for (const [key, value] of Object.entries(guest.config))
    if (/^usb\d+$/.test(key)) checkUsb(world, guest.node, host, String(value))
  for (const other of Object.values(world.state.guests)) {
    if (other === guest || other.node !== guest.node || other.status !== 'running') continue
    const held = new Set(functionsOf(world, other).map(({ address }) => address))
    const same = wanted.find(({ address }) => held.has(address))
    if (same) throw failure(`PCI device '${same.address}' already in use by VMID '${other.vmid}'`)
  }
  const dead = wanted.find(({ lost, power }) => lost || power === 'D3cold')
  if (dead) {
    const reason = `vfio ${dead.address}: error getting device from group ${dead.group}: Invalid argument`
    throw failure(`start failed: QEMU exited with code 1: ${reason}`)
  }
  bindGroups(host, wanted)
}

/** Every device of the groups, whoever used it, but no bridges (PVE::SysFSTools). */
function bindGroups({ pci = {} }: HostState, wanted: readonly PciState[]): void {
  const groups = new Set(wanted.map(({ group }) => group))
  for (const one of Object.values(pci)) if (groups.has(one.group) && !one.bridge) one.driver = 'vfio-pci'
}

/** The functions that a guest's settings in force name. Throws where a mapping is not one of this node's hardware. */
function functionsOf(world: World, { config, kind, node }: GuestState): PciState[] {
  if (kind !== 'qemu') return []
  const host = hostOf(world.state, node)
  return Object.entries(config).flatMap(([key, value]) => {
    if (!/^hostpci\d+$/.test(key)) return []
    const { mapping, host: raw, pcie } = parseProperties(String(value), 'host')
    if (pcie === '1' && !/q35/.test(String(config.machine ?? ''))) throw failure('q35 machine model is not enabled')
    const path = mapping === undefined ? (raw ?? '') : pathOf(world, node, host, mapping)
    if (host.pci === undefined) return []
    const found = path.split(';').flatMap((one) => getFunctions(host, one))
    if (found.length === 0) throw failure(`no PCI device found for '${path}'`)
    return found
  })
}

function pathOf(world: World, node: string, host: HostState, name: string): string {
  const known = world.state.mappings?.pci?.[name]
  if (!known) throw failure(`PCI device mapping not found for '${name}'`)
  const here = known.map.map((entry) => parseProperties(entry, '')).find((entry) => entry.node === node)
  if (!here) throw failure(`No PCI device mapping '${name}' found on node '${node}'`)
  const wrong = pciProblem(host, name, here)
  if (wrong !== undefined) throw failure(`PCI device mapping invalid (hardware probably changed): ${wrong}`)
  return here.path ?? ''
}

function checkUsb(world: World, node: string, host: HostState, text: string): void {
  const { mapping } = parseProperties(text, 'host')
  if (mapping === undefined) return
  const known = world.state.mappings?.usb?.[mapping]
  const here = known?.map.map((entry) => parseProperties(entry, '')).find((entry) => entry.node === node)
  if (!here) throw failure(`USB device mapping not found for '${mapping}'`)
  const wrong = usbProblem(host, mapping, here)
  if (wrong !== undefined) throw failure(`USB Mapping invalid (hardware probably changed): ${wrong}`)
}

/** Nodes of /dev that a container gets. */
function checkNodes(host: HostState, { kind, vmid, config }: GuestState): void {
  if (kind !== 'lxc' || host.paths === undefined) return
  for (const [key, value] of Object.entries(config)) {
    const { path = '' } = /^dev\d+$/.test(key) ? parseProperties(String(value), 'path') : {}
    if (path === '' || host.paths.includes(path)) continue
    throw failure(`startup for container '${vmid}' failed: Device ${path} does not exist`)
  }
}
