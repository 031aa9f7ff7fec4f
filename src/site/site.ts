// The site as the rest of orion sees it: defaults applied, ranges expanded, sizes as numbers, addresses computed.
import type { Backup, Snapshots } from './backup.ts'
import type { Guest } from './guest.ts'
import type { Bond, Bridge, Iommu, Ssh, Swap, Zram } from './host-settings.ts'
import type { Install } from './install.ts'
import type { SecretRef } from './secret.ts'
import type { Bgp, Device, Firewall, Keeper, Mesh } from './services.ts'

export type { Backup, Replication, Snapshots } from './backup.ts'
export type { Guest, Nic, NicAddress, Unattended } from './guest.ts'
export type { Bond, Bridge, BridgeAddress, Iommu, Ssh, Swap, Zram } from './host-settings.ts'

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
  readonly backup: readonly Backup[]
  readonly snapshots: Snapshots
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
  /** Its /etc/network/interfaces is left alone. */
  readonly keepInterfaces?: true
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
  readonly zram?: Zram
  readonly iommu: Iommu
  /** `02:00-05:00`, by the node's own clock; may pass midnight. */
  readonly rebootWindow?: string
  /** The node's own services are kept off cores that a guest has for itself. */
  readonly isolateCores: boolean
  readonly api: {
    readonly port: number // default 8006
    /** SHA-256 of the certificate, 32 bytes as `AA:BB:…`. */
    readonly fingerprint?: string
    readonly token?: { readonly id: string; readonly secret: SecretRef }
  }
  readonly install?: Install
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
