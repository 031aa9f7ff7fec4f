// A guest as the site file wants it, and its network interfaces.
import type { Replication } from './backup.ts'
import type { Ssh, Zram } from './host-settings.ts'
import type { SecretRef } from './secret.ts'

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
  /** Further disks (VM: scsi1 …, or their own slot). */
  readonly disks: readonly { readonly storage: string; readonly sizeGib: number; readonly slot?: string }[]
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
  /** Linux guests. */
  readonly zram?: Zram
  /** Debian guests: what makes it one that may be attacked. */
  readonly profile?: 'hardened'
  /** Of the hardened profile: Suricata. */
  readonly intrusionDetection: boolean
  /** Of the hardened profile: address or name of the manager that the agent reports to. */
  readonly wazuh?: string
  /** Windows guests: answers for Setup. */
  readonly unattended?: Unattended
  /** Explicit cpuset, e.g. `4-7`; `pin` asks orion to choose. */
  readonly affinity?: string
  readonly pin?: { readonly cores: number; readonly exclusive: boolean; readonly realtime: boolean }
  /** Other nodes that get copies of its ZFS disks. */
  readonly replicate: readonly Replication[]
  /** Before orion changes it, where its storage can. */
  readonly snapshot: boolean // default true
  readonly ssh: Ssh
  /** It was there before orion: only what the site file says of it is compared. */
  readonly adopted?: Adopted
  /** smbios UUID, computed from site + VMID (RFC 9562 version 8 or 5). */
  readonly uuid: string
}

/** Of a guest that was there before orion. */
export interface Adopted {
  /** Keys of the site file that are said of it, at itself or in the defaults: `cores`, `memory`, `nics` … */
  readonly stated: ReadonlySet<string>
  /** SMBIOS UUID that it is known by; undefined = by its name (VM), or the MAC address of its first NIC (container). */
  readonly uuid?: string
}

export interface Unattended {
  readonly user: string
  readonly password: SecretRef
  /** Name of the image in install.wim. */
  readonly edition?: string
  readonly locale: string
  /** Default: as locale. */
  readonly keyboard?: string
  /** As Windows calls it. */
  readonly timezone: string
  readonly productKey?: SecretRef
}

export interface Nic {
  readonly index: number
  readonly network: string
  readonly bridge: string
  readonly vlan?: number
  readonly mtu?: number
  readonly model: string // VM: default virtio
  readonly firewall: boolean
  /** As the site file says, else computed from site + VMID + index, `BC:24:11`-style upper case; locally administered. */
  readonly mac: string
  readonly ipv4?: NicAddress
  readonly ipv6?: NicAddress | 'auto'
}
/** `address` with its prefix length as CIDR. At most one NIC of a guest has a gateway per family. */
export type NicAddress = 'dhcp' | { readonly cidr: string; readonly gateway?: string }
