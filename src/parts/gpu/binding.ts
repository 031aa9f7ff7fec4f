// What gives the functions of a node's devices to vfio-pci at the start, before the host's own drivers can take them.
import { template } from '../../render.ts'
import type { Device } from '../../site/services.ts'
import type { Node, Site } from '../../site/site.ts'
import type { PciDevice } from './machine.ts'
import type { Target } from './target.ts'

const renderEarly = template<{ readonly functions: readonly Place[] }>('gpu/orion-vfio')
const renderHook = template<object>('gpu/orion-vfio-hook')

/** As sysfs has them: `0000:01:00.0 0x10de 0x2204`. */
interface Place {
  readonly address: string
  readonly vendor: string
  readonly model: string
}

/** The PCI devices of a node that are for virtual machines: a USB device and one of a container stay with the host's drivers. */
export function vfioDevices(site: Site, node: Node): readonly Device[] {
  const machines = new Set(site.guests.filter(({ kind }) => kind === 'vm').map(({ name }) => name))
  const isOfMachine = ({ guest, standby }: Device) =>
    [...(guest === undefined ? [] : [guest]), ...standby].some((name) => machines.has(name))
  return site.devices.filter((device) => device.node === node.name && device.port === undefined && isOfMachine(device))
}

/** The script of the early start: each function by its address, and only where the device is still the one that was meant. */
export function earlyScript(functions: readonly PciDevice[]): string {
  return renderEarly({ functions: functions.map(toPlace) })
}

/** Brings vfio-pci into the early image. */
export function earlyHook(): string {
  return renderHook({})
}

const HEX_ID = /^([0-9a-f]{4}):([0-9a-f]{4})$/
const ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/

/** The host says both, and both land in a program: anything else than hexadecimal digits is a mistake of ours. */
function toPlace({ address, id }: PciDevice): Place {
  const [, vendor, model] = HEX_ID.exec(id) ?? []
  if (vendor === undefined || model === undefined || !ADDRESS.test(address))
    throw new TypeError(`a PCI device with the address ${address} and the id ${id}`)
  return { address, vendor: `0x${vendor}`, model: `0x${model}` }
}

/** A driver takes a device at any time; these wait for vfio-pci wherever they are loaded. Class and vendor, not what is bound now. */
const DRIVERS: readonly { readonly class: RegExp; readonly vendor: RegExp; readonly drivers: readonly string[] }[] = [
  { class: /^03/, vendor: /^10de/, drivers: ['nouveau', 'nvidia', 'nvidiafb', 'nvidia_drm'] },
  { class: /^03/, vendor: /^1002/, drivers: ['amdgpu', 'radeon'] },
  { class: /^03/, vendor: /^8086/, drivers: ['i915', 'xe'] },
  { class: /^0403/, vendor: /^/, drivers: ['snd_hda_intel'] },
  { class: /^0c03/, vendor: /^/, drivers: ['xhci_pci'] },
  { class: /^0c80/, vendor: /^10de/, drivers: ['i2c_nvidia_gpu'] },
]

/** Google's Edge TPU, whose drivers are made per kernel (gasket-dkms) and are of no use to a host that gives it away. */
const CORAL = '1ac1:089a'

/** /etc/modprobe.d/orion-vfio.conf; undefined where there is nothing to say. */
export function moduleOptions({ iommu }: Pick<Node, 'iommu'>, targets: readonly Target[]): string | undefined {
  const functions = targets.flatMap((target) => target.functions)
  const rows = DRIVERS.filter((row) => functions.some((one) => row.class.test(one.class) && row.vendor.test(one.id)))
  const drivers = new Set(rows.flatMap((row) => row.drivers))
  const lines = [
    ...[...drivers].map((driver) => `softdep ${driver} pre: vfio-pci`),
    ...(functions.some(({ id }) => id === CORAL) ? ['blacklist apex', 'blacklist gasket'] : []),
    ...(iommu.unsafeInterrupts ? ['options vfio_iommu_type1 allow_unsafe_interrupts=1'] : []),
  ]
  return lines.length === 0 ? undefined : `# Made by orion from the site file.\n${lines.join('\n')}\n`
}
