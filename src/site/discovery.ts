// What was found on a node that exists: the live state from which a site file is written. Plain data of one moment.

/** One node, and what its whole cluster has. Every list is sorted: the same state gives the same value. */
export interface Discovery {
  /** Its hostname, which is its name in Proxmox VE. */
  readonly node: string
  /** As the API says it: `9.1.4`. */
  readonly version: string
  /** Name of the cluster; undefined = the node stands alone. */
  readonly cluster?: string
  /** The other nodes of the cluster. */
  readonly others: readonly { readonly name: string; readonly address?: string; readonly isOnline: boolean }[]
  /** The node's own address over which it was reached. */
  readonly address: string
  readonly domain?: string
  readonly timezone?: string
  /** Name servers. */
  readonly dns: readonly string[]
  readonly gateway?: string
  readonly gateway6?: string
  readonly ports: readonly FoundPort[]
  readonly bonds: readonly FoundBond[]
  readonly bridges: readonly FoundBridge[]
  /** VLAN interfaces: `eno1.20`, `vmbr0.20`, `vlan20`. */
  readonly vlans: readonly FoundVlan[]
  /** Of the whole cluster. */
  readonly storages: readonly FoundStorage[]
  /** ZFS pools of the node. */
  readonly zpools: readonly { readonly name: string; readonly bytes: number; readonly freeBytes: number }[]
  /** Resource pools of the cluster. */
  readonly pools: readonly string[]
  /** Of the whole cluster, templates too. */
  readonly guests: readonly FoundGuest[]
  readonly devices: readonly FoundDevice[]
  readonly topology: FoundTopology
  readonly memoryBytes: number
  /** PCI mappings of the cluster: name → entries as the API has them, `node=r730,path=0000:01:00,…`. */
  readonly mappings: Readonly<Record<string, readonly string[]>>
  /** What could not be read, one line each; everything else is complete. */
  readonly gaps: readonly string[]
}

/** A physical network port. */
export interface FoundPort {
  readonly name: string
  /** Lower case. */
  readonly mac: string
  /** It has a link now. */
  readonly isUp: boolean
  /** Mbit/s; undefined = without a link. */
  readonly speed?: number
  readonly driver?: string
  /** PCI address of its card. */
  readonly pci?: string
  /** The bridge or bond that it is a port of. */
  readonly master?: string
}

export interface FoundBond {
  readonly name: string
  readonly ports: readonly string[]
  readonly mode: string
  readonly hashPolicy?: string
  readonly primary?: string
  readonly mtu?: number
  readonly master?: string
}

export interface FoundBridge {
  readonly name: string
  /** What it stands on: ports, bonds, `eno1.20`. */
  readonly ports: readonly string[]
  readonly vlanAware: boolean
  readonly mtu?: number
  /** CIDR, the node's own. */
  readonly addresses: readonly string[]
  readonly gateway?: string
  readonly gateway6?: string
}

export interface FoundVlan {
  readonly name: string
  readonly parent: string
  readonly id: number
  readonly addresses: readonly string[]
  readonly gateway?: string
  readonly gateway6?: string
}

export interface FoundStorage {
  readonly name: string
  readonly type: string
  readonly content: readonly string[]
  /** Nodes that have it; empty = all. */
  readonly nodes: readonly string[]
  readonly isShared: boolean
  readonly isEnabled: boolean
  /** On this node, now. */
  readonly isActive: boolean
  readonly bytes?: number
  readonly freeBytes?: number
  /** All other keys as the API spells them: path, pool, vgname, … */
  readonly options: Readonly<Record<string, string>>
}

export interface FoundGuest {
  readonly vmid: number
  readonly name: string
  readonly kind: 'vm' | 'ct'
  readonly node: string
  readonly isRunning: boolean
  readonly isTemplate: boolean
  readonly tags: readonly string[]
  readonly pool?: string
  /** Every option that is in force, as the API spells it: `net0`, `scsi0`, `hostpci0`, … */
  readonly config: Readonly<Record<string, string>>
  /** Options that are stored and not yet in force. */
  readonly pending: readonly string[]
}

/** A PCI function that could be given to a guest: no bridge. */
export interface FoundDevice {
  /** `0000:01:00.0` */
  readonly address: string
  /** `10de:2204` */
  readonly id: string
  /** For people, such as `NVIDIA Corporation GA102 [GeForce RTX 3090]`; the class's name where the node knows none. */
  readonly name: string
  /** Six hexadecimal digits: 030000 is a VGA controller. */
  readonly class: string
  readonly iommuGroup?: number
  readonly driver?: string
  /** What the host itself does with it, one text each: `eno1 is a port of vmbr0`. */
  readonly uses: readonly string[]
}

export interface FoundTopology {
  /** Processor's name. */
  readonly model?: string
  readonly sockets: number
  /** Physical cores of all sockets. */
  readonly cores: number
  /** Logical CPUs. */
  readonly threads: number
}
