// What the work on devices knows of a node: how it boots, its IOMMU, its PCI and USB devices, who uses them.

/** One function of a PCI device. */
export interface PciDevice {
  /** `0000:01:00.0` */
  readonly address: string
  /** `10de:2204`, lower case. */
  readonly id: string
  /** `10de:147d`; undefined where it has none. */
  readonly subsystem?: string
  /** Class code, six hexadecimal digits: 030000 is a VGA controller. */
  readonly class: string
  /** undefined = nobody's. */
  readonly driver?: string
  /** What driver_override says. */
  readonly override?: string
  /** IOMMU group; undefined = none. */
  readonly group?: number
  /** Bridges belong to no guest, and Proxmox VE leaves them out of a group. */
  readonly bridge: boolean
  /** Of /sys/…/reset_method, in their order; [] = it cannot be reset. */
  readonly resetMethods: readonly string[]
  /** D0, D3hot, D3cold, unknown. */
  readonly power: string
  /** The firmware's display. */
  readonly bootVga: boolean
  /** False where its configuration space reads as ones: it has fallen off the bus. */
  readonly answers: boolean
  /** The host's own framebuffer lies in its memory (/proc/iomem): BOOTFB, simple-framebuffer, efifb … */
  readonly framebuffer?: string
  /** Network interfaces of the host that are on it. */
  readonly interfaces: readonly string[]
  /** Block devices of the host that are on it. */
  readonly disks: readonly string[]
  /** What the host does with it and cannot do without, one text each: `enp5s0 is a port of vmbr0`. */
  readonly uses: readonly string[]
  /** Of a virtual function (SR-IOV): the function that it is of. */
  readonly physical?: string
}

export interface UsbDevice {
  /** `1-4.2` */
  readonly port: string
  readonly id: string
  /** PCI address of its controller. */
  readonly controller?: string
  readonly isKeyboard: boolean
}

export type LoaderKind = 'grub' | 'systemd-boot'

/** What loads the kernel. Two signals that agree, else `kind` is undefined and `problem` says why. */
export interface Loader {
  readonly kind?: LoaderKind
  readonly signals: readonly { readonly source: string; readonly says: string }[]
  /** proxmox-boot-tool keeps the ESPs: its refresh brings a change there. */
  readonly synced: boolean
  readonly problem?: string
}

export interface Machine {
  /** False where the node did not tell all of it: then there is nothing here, and the loader has a problem. */
  readonly isTold: boolean
  readonly firmware: 'bios' | 'uefi'
  readonly loader: Loader
  /** /proc/cmdline */
  readonly commandLine: string
  /** Text of /etc/kernel/cmdline; undefined where there is none. */
  readonly kernelCommandLine?: string
  readonly kernel: string
  readonly bootId: string
  readonly cpu: 'intel' | 'amd' | 'other'
  /** Names in /sys/class/iommu; [] = no IOMMU works. */
  readonly iommus: readonly string[]
  /** Interrupt remapping; undefined = the kernel's log does not tell. */
  readonly remapping?: boolean
  /** Loaded modules, and those built in. */
  readonly modules: ReadonlySet<string>
  readonly devices: readonly PciDevice[]
  readonly usb: readonly UsbDevice[]
}
