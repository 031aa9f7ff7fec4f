// What stands in the slots of a simulated node: the devices of its site file, its ports, a disk, a USB controller.
import type { Device } from '../../site/services.ts'
import type { Node, Site } from '../../site/site.ts'
import { type PciFunction, slotOf, type UsbFunction } from './pci.ts'

/** What a kind of function is: class, the kernel's driver, how it can be reset. */
type Kind = Pick<PciFunction, 'class' | 'native' | 'resets'>

const VGA: Kind = { class: '030000', resets: ['bus'] }
/** Further functions of a graphics card, in their order: sound, USB-C, its controller. */
const COMPANIONS: readonly Kind[] = [
  { class: '040300', native: 'snd_hda_intel', resets: ['bus'] },
  { class: '0c0330', native: 'xhci_hcd', resets: ['bus'] },
  { class: '0c8000', native: 'nvidia-gpu', resets: ['bus'] },
]
const GRAPHICS: Readonly<Record<string, string>> = { '10de': 'nouveau', '1002': 'amdgpu', '8086': 'i915' }
const OTHERS: Readonly<Record<string, Kind>> = {
  // No driver of the kernel knows a Coral: gasket comes from elsewhere.
  '1ac1': { class: '088000', resets: ['flr', 'bus'] },
  '144d': { class: '010802', native: 'nvme', resets: ['flr', 'bus'] },
  '1000': { class: '010700', native: 'mpt3sas', resets: ['bus'] },
}
const FIRST_BUS = 1
const DISK_BUS = 3
const NIC_BUS = 0x10

/** Functions and USB devices of a node whose physical ports these are. A device that says its address has that slot. */
export function devicesOf(
  site: Site,
  node: Node,
  ports: readonly string[],
): { readonly pci: readonly PciFunction[]; readonly usb: readonly UsbFunction[]; readonly paths: readonly string[] } {
  const own = site.devices.filter((device) => device.node === node.name)
  const cards = own.filter(({ port }) => port === undefined)
  const taken = new Set(cards.flatMap(({ address }) => (address === undefined ? [] : [wholeSlot(address)])))
  const disk = freeSlot(DISK_BUS, taken)
  const nics = nicSlots(ports, taken)
  const slots = new Map(
    cards.map((card) => [card.address ? wholeSlot(card.address) : freeSlot(FIRST_BUS, taken), card]),
  )
  const serial = site.keeper?.serial
  return {
    pci: [
      ...BOARD,
      ...withPort(disk, [DISK]),
      ...[...nics].flatMap(([slot, names]) => nicOf(slot, names)),
      ...[...slots].flatMap(([slot, device]) => cardOf(slot, device)),
    ],
    usb: own.flatMap(({ port, ids }) => (port === undefined ? [] : [{ port, id: ids[0] ?? '' }])),
    paths: [...(serial === undefined ? [] : [serial]), ...own.flatMap((device) => pathOf(site, device))],
  }
}

/** The first bus from there on where nothing is; it is taken then. */
function freeSlot(first: number, taken: Set<string>): string {
  let bus = first
  while (taken.has(busAddress(bus))) bus += 1
  taken.add(busAddress(bus))
  return busAddress(bus)
}

/** A device that a container gets has its driver on the host, and so a node of /dev. */
function pathOf({ guests }: Site, { path, guest, standby }: Device): string[] {
  const users = guests.filter(({ name }) => name === guest || standby.includes(name))
  return users.some(({ kind }) => kind === 'ct') ? [path ?? '/dev/apex_0'] : []
}

const busAddress = (bus: number): string => `0000:${bus.toString(16).padStart(2, '0')}:00`

/** Groups are numbered as the slots come: the same number for the same place, whatever else is built in. */
const groupOf = (slot: string): number => 10 + Number.parseInt(slot.slice(5, 7), 16)

const BOARD: readonly PciFunction[] = [
  { address: '0000:00:00.0', id: '8086:4660', class: '060000', group: 0, bridge: true, resets: [] },
  { address: '0000:00:14.0', id: '8086:7ae0', class: '0c0330', native: 'xhci_hcd', group: 1, resets: [] },
]

const DISK = {
  id: '144d:a80a',
  subsystem: '144d:a801',
  class: '010802',
  native: 'nvme',
  resets: ['flr'],
  disks: ['nvme0n1'],
}

/** A slot behind its root port, which is in the same group: Proxmox VE leaves bridges out. */
function withPort(slot: string, functions: readonly Omit<PciFunction, 'address' | 'group'>[]): PciFunction[] {
  const group = groupOf(slot)
  const number = Number.parseInt(slot.slice(5, 7), 16)
  const port = `0000:00:${(0x15 + Math.floor(number / 8)).toString(16)}.${number % 8}`
  const root = { address: port, id: '8086:a70d', class: '060400', native: 'pcieport', group, resets: [] }
  return [{ ...root, bridge: true }, ...functions.map((one, at) => ({ ...one, address: `${slot}.${at}`, group }))]
}

/** `enp5s0f1` says where it is, unless something else is there; other names get the buses from 0x10 on. */
function nicSlots(ports: readonly string[], taken: Set<string>): Map<string, string[]> {
  const slots = new Map<string, string[]>()
  for (const name of ports) {
    const bus = Number(/^enp(\d+)s0/.exec(name)?.[1] ?? NIC_BUS)
    const beside = bus === NIC_BUS ? undefined : slots.get(busAddress(bus))
    if (beside) beside.push(name)
    else slots.set(taken.has(busAddress(bus)) ? freeSlot(NIC_BUS, taken) : freeSlot(bus, taken), [name])
  }
  return slots
}

function nicOf(slot: string, names: readonly string[]): PciFunction[] {
  const functions = names.map((name) => {
    return {
      id: '8086:15f3',
      subsystem: '1849:15f3',
      class: '020000',
      native: 'igc',
      resets: ['flr'],
      interfaces: [name],
    }
  })
  return withPort(slot, functions)
}

const wholeSlot = (address: string): string =>
  slotOf(/^[0-9a-f]{4,}:[0-9a-f]{2}:/i.test(address) ? address : `0000:${address}`)

function cardOf(slot: string, { ids, primaryGpu }: Device): PciFunction[] {
  const functions = ids.map((id, at) => {
    const vendor = id.slice(0, 4)
    const graphics = GRAPHICS[vendor]
    const first: Kind = OTHERS[vendor] ?? { ...VGA, ...(graphics === undefined ? {} : { native: graphics }) }
    const subsystem = vendor === '10de' ? '10de:147d' : id
    return {
      ...(at === 0 ? first : (COMPANIONS[at - 1] ?? first)),
      id,
      subsystem,
      ...(at === 0 && primaryGpu ? { bootVga: true as const } : {}),
    }
  })
  return withPort(slot, functions)
}
