// The site as the rest of orion sees it: defaults applied, ranges expanded, sizes as numbers, addresses computed.
import type { Bond, Bridge, Ssh, Swap } from './host-settings.ts'
import type { SecretRef } from './secret.ts'
import type { Bgp, Device, Firewall, Keeper, Mesh } from './services.ts'

export type { Bond, Bridge, BridgeAddress, Ssh, Swap } from './host-settings.ts'

/** Where something stands in the site file: keys and indices from the root, e.g. ['guests', 'router', 'nics', 'lan']. */
export type Path = readonly (string | number)[]

/** One thing that a person should know about the site file. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  /** True where the key itself is meant (an unknown key), not its value. */
  readonly atKey?: true
  readonly message: string
}

/** A finding with its place in the text. */
export interface Located extends Finding {
  /** The file as people call it: from the current folder, or absolute. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** The line, the one before it and a caret, without colour; secrets as `***`. Empty where there is no line. */
  readonly frame: string
}

export interface Site {
  readonly name: string
  /** Absolute path of the site file. */
  readonly file: string
  readonly domain?: string
  readonly timezone?: string
  /** The user, role and token that orion makes for itself on every cluster. */
  readonly access: Access
  /** Never empty: without `clusters` the site is one cluster of its own name. */
  readonly clusters: readonly Cluster[]
  readonly nodes: readonly Node[]
  readonly networks: readonly Network[]
  readonly storage: readonly Storage[]
  readonly images: readonly Image[]
  readonly guests: readonly Guest[]
  readonly devices: readonly Device[]
  readonly keeper?: Keeper
  readonly firewall?: Firewall
  readonly bgp?: Bgp
  readonly mesh?: Mesh
  /** Warnings of reading and of the rules, by position. */
  readonly warnings: readonly Located[]
}

export interface Access {
  readonly role: string // default Orion
  readonly user: string // default orion@pve
  readonly token: string // default orion
}

export interface Cluster {
  readonly name: string
  /** Latitude and longitude, degrees. */
  readonly location?: readonly [number, number]
  readonly jurisdiction?: string
  readonly powerGrid?: string
  readonly isp: readonly string[]
  readonly tier?: 'command' | 'workhorse' | 'edge'
  /** Price per kWh. */
  readonly electricity?: number
}

export interface Node {
  readonly name: string
  readonly cluster: string
  /** Where SSH and the Proxmox API answer. */
  readonly address: string
  readonly gateway?: string
  readonly gateway6?: string
  readonly bmc?: string
  readonly ssh: Ssh
  /** Network name → name of the physical port, bond, or VLAN interface (`eno1.20`) that its bridge stands on. */
  readonly ports: Readonly<Record<string, string>>
  /** Ports bundled into one. */
  readonly bonds: readonly Bond[]
  /** Network name → the node's own addresses in it; holds `address` too where that lies in a network with a bridge. */
  readonly addresses: Readonly<Record<string, readonly string[]>>
  /** The bridges that this node shall have, in the order in which the networks first name them. Computed. */
  readonly bridges: readonly Bridge[]
  /** Keep the names of the used ports by their MAC addresses. */
  readonly pinPorts: boolean
  /** Which of Proxmox's own package sources; undefined = left alone. */
  readonly sources?: 'enterprise' | 'no-subscription' | 'test'
  /** Debian packages that shall be there. */
  readonly packages: readonly string[]
  readonly sysctl: Readonly<Record<string, string>>
  /** Swap beside zram: a device that is there, or a file that orion makes. */
  readonly swap: readonly Swap[]
  readonly hardware?: {
    readonly threads?: number
    readonly cores?: number
    readonly memoryMib?: number
    readonly power?: 'single' | 'dual'
  }
  readonly zfs?: { readonly arcMaxMib?: number }
  readonly zram?: { readonly sizePercent?: number; readonly sizeMib?: number; readonly priority?: number }
  readonly api: {
    readonly port: number // default 8006
    /** SHA-256 of the certificate, 32 bytes as `AA:BB:…`. */
    readonly fingerprint?: string
    readonly token?: { readonly id: string; readonly secret: SecretRef }
  }
}

export interface Network {
  readonly name: string
  readonly bridge?: string
  /** Its bridge filters VLANs: guests' tags pass over one bridge (Proxmox's "VLAN aware"). */
  readonly vlanAware: boolean
  readonly vlan?: number
  readonly mtu?: number
  /** CIDR. */
  readonly ipv4?: string
  readonly ipv6?: string
  readonly gateway?: string
  readonly gateway6?: string
  /** Name of the guest that routes. */
  readonly router?: string
  readonly dhcp?: { readonly first: string; readonly last: string }
  readonly isolated: boolean
  readonly dns: readonly string[]
}

export type Content = 'images' | 'rootdir' | 'vztmpl' | 'backup' | 'iso' | 'snippets' | 'import'

export interface Storage {
  readonly name: string
  readonly type: 'dir' | 'zfspool' | 'lvmthin' | 'lvm' | 'nfs' | 'cifs' | 'btrfs' | 'rbd' | 'cephfs' | 'pbs'
  readonly content: readonly Content[]
  /** Nodes that have it; empty = all. */
  readonly nodes: readonly string[]
  readonly shared: boolean
  /** The type's own keys as the API spells them: path, pool, vgname, thinpool, server, export, … */
  readonly options: Readonly<Record<string, string>>
  /** Of cifs and pbs. */
  readonly password?: SecretRef
}

export type Image = { readonly name: string } & (
  | { readonly kind: 'url'; readonly url: string; readonly checksum?: Checksum }
  | { readonly kind: 'template'; readonly template: string }
  | { readonly kind: 'volume'; readonly volume: string }
  | { readonly kind: 'iso'; readonly iso: string; readonly drivers?: string }
)
export type Checksum =
  | {
      readonly kind: 'digest'
      readonly algorithm: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
      readonly hex: string
    }
  | { readonly kind: 'sums'; readonly url: string }

export interface Guest {
  readonly name: string
  /** The key in the site file: `k3s-worker` for k3s-worker-1, -2, -3. */
  readonly group: string
  readonly vmid: number
  readonly kind: 'vm' | 'ct'
  readonly node: string
  /** Name of an image; a VM without one has empty disks. */
  readonly image?: string
  readonly os: 'linux' | 'windows' | 'other'
  /** Proxmox's own ostype: l26, win11, debian, alpine … undefined = Proxmox decides (containers). */
  readonly ostype?: string
  readonly cores: number
  readonly sockets: number
  readonly cpu: string // VM: default x86-64-v2-AES
  readonly memoryMib: number
  /** Minimum of ballooning; undefined = Proxmox's default, 0 = no balloon. */
  readonly balloonMib?: number
  readonly swapMib: number // containers, default 512
  readonly machine?: string
  readonly firmware: 'bios' | 'uefi' // default bios; windows: uefi
  readonly tpm: boolean // default: windows
  readonly agent: boolean // default true for VMs
  readonly storage: string
  readonly diskGib: number
  /** Further disks (VM: scsi1 …). */
  readonly disks: readonly { readonly storage: string; readonly sizeGib: number }[]
  /** Further mount points of a container (mp0 …): a volume of sizeGib, or a bind mount of `source`. */
  readonly mounts: readonly {
    readonly path: string
    readonly storage?: string
    readonly sizeGib?: number
    readonly source?: string
    readonly readOnly: boolean
  }[]
  readonly nics: readonly Nic[]
  readonly dns: readonly string[]
  readonly searchDomain?: string
  readonly user?: string
  /** Public keys as text, one each (files already read). */
  readonly sshKeys: readonly string[]
  readonly boot: readonly string[] // explicit boot order; empty = computed
  readonly tags: readonly string[] // beside orion's own
  readonly description?: string
  readonly pool?: string
  readonly onboot: boolean
  /** Should it run? Default: as onboot. */
  readonly started: boolean
  readonly startup?: { readonly order?: number; readonly upSeconds?: number; readonly downSeconds?: number }
  readonly protection: boolean
  readonly unprivileged: boolean // containers, default true
  readonly features: Readonly<Record<string, boolean>> // containers: nesting, keyctl, fuse, mknod … default nesting: true
  readonly timezone?: string
  readonly hookscript?: string
  /** Explicit cpuset, e.g. `4-7`; `pin` asks orion to choose. */
  readonly affinity?: string
  readonly pin?: { readonly cores: number; readonly exclusive: boolean; readonly realtime: boolean }
  readonly ssh: Ssh
  /** smbios UUID, computed from site + VMID (RFC 9562 version 8 or 5). */
  readonly uuid: string
}

export interface Nic {
  readonly index: number
  readonly network: string
  readonly bridge: string
  readonly vlan?: number
  readonly mtu?: number
  readonly model: string // VM: default virtio
  readonly firewall: boolean
  /** Computed from site + VMID + index, `BC:24:11`-style upper case; locally administered. */
  readonly mac: string
  readonly ipv4?: NicAddress
  readonly ipv6?: NicAddress | 'auto'
}
/** `address` with its prefix length as CIDR. At most one NIC of a guest has a gateway per family. */
export type NicAddress = 'dhcp' | { readonly cidr: string; readonly gateway?: string }
