// How Proxmox VE's installer shall make a node, without anybody at its console (`nodes.*.install`).
import type { SecretRef } from './secret.ts'

export type Filesystem = 'zfs' | 'ext4' | 'xfs' | 'btrfs'
export type Raid = 'raid0' | 'raid1' | 'raid10' | 'raidz-1' | 'raidz-2' | 'raidz-3'

export interface Install {
  /** Port name → MAC address (`aa:bb:cc:dd:ee:ff`): which machine this is, and what its ports are called from the first start on. */
  readonly macs: Readonly<Record<string, string>>
  /** By name (`nvme0n1`), or udev properties with globs of which any or all must match. */
  readonly disks:
    | { readonly names: readonly string[] }
    | { readonly filter: Readonly<Record<string, string>>; readonly match: 'any' | 'all' }
  readonly filesystem: Filesystem
  /** Of ZFS and Btrfs. */
  readonly raid?: Raid
  readonly zfs: {
    readonly ashift?: number
    readonly checksum?: string
    readonly compress?: string
    readonly copies?: number
    /** How much of each disk is used, GiB. */
    readonly hdsizeGib?: number
  }
  /** GiB. */
  readonly lvm: {
    readonly hdsizeGib?: number
    readonly swapsizeGib?: number
    readonly maxrootGib?: number
    readonly maxvzGib?: number
    readonly minfreeGib?: number
  }
  readonly keyboard: string // default en-us
  /** Two small letters. */
  readonly country: string
  readonly mailto?: string
  readonly dns?: string
  readonly rootPassword: SecretRef
  /** Public keys that may log in as root. */
  readonly sshKeys: readonly string[]
  readonly whenDone: 'reboot' | 'power-off' // default reboot
}
