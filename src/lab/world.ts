// The state of one simulated cluster: plain data, and nothing that JSON cannot keep.
import type { GuestThreads } from './cores/threads.ts'
import type { PciFunction, UsbFunction } from './device/pci.ts'
import type { HostState } from './host/state.ts'

/** Options of network interfaces, by name. */
export type Interfaces = Record<string, Record<string, string | number>>

/** What the lab builds a world from; written from the site file by openLab, read by the serving process. */
export interface Hardware {
  readonly cluster: string
  /** `9.1.4`, `8.4.14`: the version the cluster says it has. */
  readonly version: string
  readonly nodes: readonly {
    readonly name: string
    readonly threads: number
    readonly memoryMib: number
    /** Bridges that exist from the beginning; the installer makes vmbr0 alone. */
    readonly bridges: readonly string[]
    /** Physical ports. */
    readonly ports?: readonly string[]
    /** The one that the operator's cable is in: vmbr0 stands on it. */
    readonly uplink?: string
    /** Where SSH reaches it: an address, or a name. */
    readonly address?: string
    /** Length of the address's network in bits. */
    readonly prefix?: number
    readonly gateway?: string
    readonly domain?: string
    /** Name or address that leads to it from outside; without one it is behind a NAT. */
    readonly endpoint?: string
    /** Further addresses where SSH answers, over whatever port. */
    readonly alsoAt?: readonly string[]
    /** Who else is on its networks and answers: gateways. */
    readonly neighbours?: readonly string[]
    /** File system of its root; default zfs. */
    readonly root?: string
    /** What stands in its slots; absent = nobody looks at that. */
    readonly pci?: readonly PciFunction[]
    readonly usb?: readonly UsbFunction[]
    /** Nodes of /dev that somebody asks for: a serial port, a device that a container gets. */
    readonly paths?: readonly string[]
  }[]
  /** Guests that route: what runs inside of them is simulated, too. */
  readonly routers?: readonly RouterHardware[]
  /** Storages beside Proxmox VE's own first two (`local`, `local-zfs`) that exist from the beginning. */
  readonly storage: readonly {
    readonly name: string
    readonly type: string
    readonly content: string
    readonly options: Readonly<Record<string, string>>
  }[]
  /** Volumes that are there from the beginning, e.g. `local:iso/win10.iso`. */
  readonly volumes: readonly string[]
  /** Images that are downloaded, and the sums file that names them: what the lab's mirror lists. */
  readonly images?: readonly { readonly url: string; readonly sums?: string }[]
}

/** A virtual machine whose inside is simulated. */
export interface RouterHardware {
  readonly name: string
  readonly vmid: number
  /** Of Debian, as its image names it. */
  readonly release: 'bookworm' | 'trixie'
  readonly domain?: string
  /** Name or address that leads to it from outside; without one it is behind a NAT. */
  readonly endpoint?: string
}

export interface GuestState {
  vmid: number
  kind: 'qemu' | 'lxc'
  node: string
  status: 'running' | 'stopped'
  /** Active configuration, values as the API gives them. */
  config: Record<string, string | number>
  /** Changes that wait for a restart; `null` = waits for deletion. */
  pending: Record<string, string | number | null>
  startedAt?: number
  /** By name, the oldest first. */
  snapshots?: Record<string, SnapshotState>
  /** The pool that it is in. */
  pool?: string
  /** Where somebody has put its threads since its start; absent = where its settings say. */
  threads?: GuestThreads
  /** Suspended: it runs, and its processors stand still. */
  paused?: boolean
  /** Windows Setup has run to its end. */
  isInstalled?: boolean
}

/** What a guest was. */
export interface SnapshotState {
  /** In force when it was taken. */
  config: GuestState['config']
  description: string
  /** Seconds since the epoch. */
  takenAt: number
  /** Bytes of each disk, by volume. */
  sizes: Record<string, number>
  parent?: string
}

export interface TaskState {
  upid: string
  node: string
  type: string
  id: string
  user: string
  startMs: number
  /** Absent while it runs. */
  endMs?: number
  /** `OK`, `WARNINGS: 1`, or the error text. */
  exit?: string
  log: string[]
}

export interface VolumeState {
  volid: string
  node: string
  /** `images`, `rootdir`, `iso`, `vztmpl`, `import`, … */
  content: string
  sizeBytes: number
  vmid?: number
  format: string
  /** What a disk image holds once it is unpacked, where that differs from the size of its file. */
  virtualBytes?: number
  /** Where it was downloaded from: its digests follow from that. */
  source?: string
  /** Seconds since the epoch. */
  createdAt?: number
}

export interface StorageState {
  name: string
  type: string
  /** As the API gives them, e.g. content: 'iso,vztmpl'. */
  options: Record<string, string | number>
  totalBytes: number
}

export interface WorldState {
  hardware: Hardware
  guests: Record<string, GuestState>
  tasks: Record<string, TaskState>
  volumes: VolumeState[]
  storage: Record<string, StorageState>
  /** The machines behind the nodes, and those inside of routers, by name. */
  hosts?: Record<string, HostState>
  /** What labs kept before they had hosts: read once, then gone. */
  networks?: Record<string, { active: Interfaces; staged?: Interfaces }>
  /** Devices of the nodes under names, by kind and name; each entry of `map` is a property string. */
  mappings?: Record<string, Record<string, { map: string[]; options: Record<string, string | number> }>>
  /** Jobs of vzdump by id, options as the API takes them. */
  backupJobs?: Record<string, Record<string, string | number>>
  /** Replication jobs by id (`101-0`); `lab-error` is what its last run failed with. */
  replications?: Record<string, Record<string, string | number>>
  pools: Record<string, { comment?: string; storage?: string[] }>
  access: {
    /** Own roles only; the built-in ones are code. */
    roles: Record<string, string[]>
    users: Record<
      string,
      { enable: boolean; comment?: string; passwordHash?: string; more?: Record<string, string | number> }
    >
    /** `user@realm!name` → token. Hashes of passwords and secrets are made by auth.ts's hashSecret. */
    tokens: Record<string, { secretHash: string; privsep: boolean; expire: number; comment?: string }>
    acl: { path: string; kind: 'user' | 'token' | 'group'; ugid: string; role: string; propagate: boolean }[]
  }
  /** Rises with every change of the state. */
  serial: number
}

/** A world in use: its state, and how to say that it changed. */
export interface World {
  readonly state: WorldState
  /** Call after every change: it is written to disk soon, and at the end. */
  changed(): void
  /** Milliseconds since the epoch; tests may hold it. */
  now(): number
  /** Multiplies how long tasks take; 0 = they end at once. */
  readonly pace: number
  /** What somebody asked to go wrong with the next task of this type (`qmcreate`) and id (`100`); tasks.ts asks once per task. */
  taskFault?(type: string, id: string): TaskFault | undefined
}

/** A task that lasts longer, that ends with an error text, or with a warning in its log. */
export interface TaskFault {
  readonly slowMs?: number
  readonly fail?: string
  readonly warn?: string
}
