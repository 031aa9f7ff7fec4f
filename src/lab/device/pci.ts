// PCI devices of a simulated node: as they are built in, and in which state each function is.

/** One function, as the hardware has it. */
export interface PciFunction {
  /** `0000:01:00.0` */
  readonly address: string
  /** `10de:2204` */
  readonly id: string
  readonly subsystem?: string
  /** Six hexadecimal digits. */
  readonly class: string
  /** The driver that the kernel has for it; absent = none. */
  readonly native?: string
  readonly group: number
  readonly bridge?: true
  readonly resets: readonly string[]
  /** The firmware's display. */
  readonly bootVga?: true
  readonly interfaces?: readonly string[]
  readonly disks?: readonly string[]
}

export interface PciState extends PciFunction {
  driver?: string
  override?: string
  /** D0, D3hot, D3cold. */
  power: string
  /** It has fallen off the bus: its configuration space reads as ones. */
  lost?: true
}

export interface UsbFunction {
  /** `1-4` */
  readonly port: string
  readonly id: string
}

/** `0000:01:00.0` → `0000:01:00` */
export const slotOf = (address: string): string => address.replace(/\.[0-9a-f]$/i, '')

/** As a new node has it: every function with the kernel's own driver. */
export function switchedOn(built: PciFunction): PciState {
  return { ...built, power: 'D0', ...(built.native === undefined ? {} : { driver: built.native }) }
}
