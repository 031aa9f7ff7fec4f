// What of a device a guest gets, and as which option: the one place that says VFIO, USB by port, or a node of /dev.
import type { Device } from '../site/services.ts'
import type { Guest, Site } from '../site/site.ts'

/** `pci`: the guest drives it itself. `usb`: by mapping. `usb-port`: whatever is in that port. `dev`: the host drives it, the container uses it. */
export type DeviceWay = 'pci' | 'usb' | 'usb-port' | 'dev'

export interface DeviceValue {
  readonly way: DeviceWay
  /** Options are numbered: hostpci0, hostpci1 … */
  readonly family: 'hostpci' | 'usb' | 'dev'
  readonly value: string
  /** Why this way, for people. */
  readonly why: string
}

/** Which way a device goes to a guest of this kind. Pure. */
export function deviceWay({ port, ids }: Device, kind: Guest['kind']): DeviceWay {
  if (kind === 'ct') return 'dev'
  if (port === undefined) return 'pci'
  // Proxmox VE refuses to start a guest whose mapped USB device has another id than the mapping says, and a Coral has
  // one id before its firmware is loaded (1a6e:089a) and another one after it (18d1:9302).
  return ids.length > 1 ? 'usb-port' : 'usb'
}

const FAMILIES = { pci: 'hostpci', usb: 'usb', 'usb-port': 'usb', dev: 'dev' } as const
const CORAL = '1ac1:089a'

/** As the guest's configuration has it. A container's device has a `path` (a rule of the site file). Pure. */
export function deviceValue(device: Device, kind: Guest['kind']): DeviceValue {
  const way = deviceWay(device, kind)
  const { name, port = '', path = '', ids } = device
  const isCoral = ids.includes(CORAL)
  const values = {
    pci: `mapping=${name},pcie=1`,
    usb: `mapping=${name},usb3=1`,
    'usb-port': `host=${port},usb3=1`,
    dev: path,
  }
  const reasons = {
    pci: isCoral ? 'VFIO: the guest has apex and gasket, the host has not' : 'VFIO',
    usb: `USB port ${port}`,
    'usb-port': 'by its port: its id changes with its firmware',
    dev: isCoral ? 'the host drives it, by apex and gasket' : 'the host drives it',
  }
  return { way, family: FAMILIES[way], value: values[way], why: reasons[way] }
}

/** The devices whose `guest` it is. */
export function devicesOf(site: Pick<Site, 'devices'>, guest: Pick<Guest, 'name'>): readonly Device[] {
  return site.devices.filter((device) => device.guest === guest.name)
}

/** Such a guest is started with its devices (guest-devices.ts), and not when it is made. */
export function hasDevices(site: Pick<Site, 'devices'>, guest: Pick<Guest, 'name'>): boolean {
  return devicesOf(site, guest).length > 0
}

/** The id of the step that gives a guest its devices and starts it. */
export function guestDevicesId({ node, vmid }: Pick<Guest, 'node' | 'vmid'>): `guest-devices:${string}` {
  return `guest-devices:${node}/${vmid}`
}

/** Every guest that may have it, the first one is the one that has it by the site file. */
export function candidatesOf(site: Pick<Site, 'guests'>, { guest, standby }: Device): readonly Guest[] {
  const names = [...(guest === undefined ? [] : [guest]), ...standby]
  return names.flatMap((name) => site.guests.find((one) => one.name === name) ?? [])
}
