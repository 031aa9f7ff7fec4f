// Backups, replication and snapshots as the site file wants them.

type Keep = 'last' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly'

/** A backup job of vzdump. */
export interface Backup {
  readonly name: string
  /** Of the job in Proxmox VE. */
  readonly id: string
  /** A calendar event of Proxmox VE. */
  readonly schedule: string
  readonly storage: string
  readonly mode: 'snapshot' | 'suspend' | 'stop' // default snapshot
  readonly compress: 'zstd' | 'gzip' | 'lzo' | 'none' // default zstd
  /** undefined = as the storage says. */
  readonly keep?: Readonly<Partial<Record<Keep, number>>>
  /** Names of guests; all of the site where the file names none. */
  readonly guests: readonly string[]
  /** KiB in a second. */
  readonly bandwidthKib?: number
}

/** Copies of a guest's ZFS disks on another node. */
export interface Replication {
  readonly to: string
  /** A calendar event of Proxmox VE. */
  readonly schedule: string
  /** Megabytes in a second. */
  readonly rate?: number
}

export interface Snapshots {
  /** So many of orion's own per guest stay when a verify after an apply is green; 0 = none is made. */
  readonly keep: number // default 2
}
