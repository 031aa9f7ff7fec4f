// Does a mapping fit the hardware of its node? As Proxmox VE asks in lists (`check-node`) and at the start of a VM.
import type { HostState } from '../host/state.ts'
import type { Properties } from '../property.ts'
import type { PciState } from './pci.ts'

/** All functions of a slot (`0000:01:00`), or the one of an address; in their order. */
export function getFunctions({ pci = {} }: HostState, path: string): PciState[] {
  const whole = path.replace(/^(?=[0-9a-f]{2}:[0-9a-f]{2}(\.|$))/i, '0000:')
  const found = Object.values(pci).filter(({ address }) => address === whole || address.startsWith(`${whole}.`))
  return found.sort((one, other) => (one.address < other.address ? -1 : 1))
}

/** What Proxmox VE says where the entry is not what is built in; undefined = it fits. A host without devices is not looked at. */
export function pciProblem(host: HostState, name: string, entry: Properties): string | undefined {
  if (host.pci === undefined) return undefined
  for (const path of (entry.path ?? '').split(';')) {
    const address = /\.[0-9a-f]$/i.test(path) ? path : `${path}.0`
    const [device] = getFunctions(host, address)
    if (device === undefined || device.lost) return `pci device '${address}' not found`
    const wrong = wrongProperty(name, address, device, entry)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function wrongProperty(name: string, address: string, device: PciState, entry: Properties): string | undefined {
  const expected = { id: device.id, iommugroup: String(device.group), 'subsystem-id': device.subsystem }
  for (const [key, want] of Object.entries(expected).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const have = entry[key]
    if (want === undefined && have === undefined) continue
    if (have === undefined) return `missing expected property '${key}' for device '${address}'`
    if (want === undefined) return `unexpected property '${key}' configured for device '${address}'`
    if (have.toLowerCase() !== want.toLowerCase()) return `'${key}' does not match for '${name}' (${want} != ${have})`
  }
  return undefined
}

/** The same of a USB mapping: by its port where it names one, else by its id. */
export function usbProblem({ usb }: HostState, name: string, { path, id = '' }: Properties): string | undefined {
  if (usb === undefined) return undefined
  const device = usb.find((one) => (path === undefined ? one.id === id : one.port === path))
  if (device === undefined) return `usb device '${path ?? id}' not found`
  return device.id === id ? undefined : `'id' does not match for '${name}' (${device.id} != ${id})`
}
