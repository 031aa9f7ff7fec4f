// The calls for one guest, the same for virtual machines (/qemu) and containers (/lxc).
import type { Cluster } from '../pve/pve.ts'

/** Parameters by name; indexed ones (`net4`, `scsi12`, `ipconfig6`) included. */
export type Parameters = Readonly<Record<string, string | number>>

/** One entry of GET …/pending. */
export interface PendingEntry {
  readonly key: string
  readonly value?: string | number
  readonly pending?: string | number
  readonly delete?: number
}

/** A guest that some list shows. */
export interface ListedGuest {
  readonly vmid: number
  readonly name?: string
  readonly status?: string
  /** Since it was started, seconds; 0 where it does not run. */
  readonly uptime?: number
  readonly tags?: string
  readonly cpus?: number
  readonly maxmem?: number
}

/** A snapshot of a guest. The list of Proxmox VE ends with one named `current`: the guest as it is. */
export interface ListedSnapshot {
  readonly name: string
  readonly description?: string
  /** Seconds since 1970. */
  readonly snaptime?: number
  readonly parent?: string
}

export interface GuestApi {
  pending(): Promise<readonly PendingEntry[]>
  configure(parameters: Parameters): Promise<void>
  /** Each of these returns the UPID of its task. */
  create(parameters: Parameters): Promise<string>
  resize(disk: string, size: string): Promise<string>
  start(): Promise<string>
  /** Asks the guest to end itself; after `timeoutSeconds` it is stopped hard. */
  shutdown(timeoutSeconds: number): Promise<string>
  destroy(): Promise<string>
  /** Can every disk of it have a snapshot? */
  canSnapshot(): Promise<boolean>
  /** Without the one named `current`. */
  snapshots(): Promise<readonly ListedSnapshot[]>
  /** Each of these returns the UPID of its task. Memory is not kept. */
  snapshot(name: string, description: string): Promise<string>
  dropSnapshot(name: string): Promise<string>
  /** Stops a running guest hard; `start`: starts it afterwards. */
  rollback(name: string, start: boolean): Promise<string>
}

/** The calls for guest `vmid` of `node`. */
export function guestApi(cluster: Cluster, kind: 'vm' | 'ct', node: string, vmid: number): GuestApi {
  const place = cluster.api.nodes.$(node)
  const list = kind === 'vm' ? place.qemu : place.lxc
  const guest = kind === 'vm' ? place.qemu.$(vmid) : place.lxc.$(vmid)
  return {
    pending: async () => (await guest.pending.$get()) as readonly PendingEntry[],
    configure: async (parameters) => {
      await guest.config.$put(untyped(parameters))
    },
    create: (parameters) => list.$post(untyped({ vmid, ...parameters })),
    resize: (disk, size) => resizeOf(guest)(untyped({ disk, size })),
    start: () => guest.status.start.$post(),
    shutdown: (timeoutSeconds) => guest.status.shutdown.$post({ timeout: timeoutSeconds, forceStop: true }),
    // Without `purge` the VMID stays in backup jobs, replications and HA; disks that no key names any more go, too.
    destroy: () => guest.$delete({ purge: true, 'destroy-unreferenced-disks': true }),
    canSnapshot: async () => Number((await guest.feature.$get({ feature: 'snapshot' })).hasFeature) === 1,
    snapshots: async () =>
      ((await guest.snapshot.$get()) as readonly ListedSnapshot[]).filter(({ name }) => name !== 'current'),
    snapshot: (snapname, description) => guest.snapshot.$post({ snapname, description }),
    dropSnapshot: (name) => guest.snapshot.$(name).$delete(),
    rollback: (name, start) => guest.snapshot.$(name).rollback.$post({ start }),
  }
}

/** All guests of one kind on one node, with their live state (that of /cluster/resources is up to ten seconds old). */
export function listGuests(cluster: Cluster, kind: 'vm' | 'ct', node: string): Promise<readonly ListedGuest[]> {
  const place = cluster.api.nodes.$(node)
  return cluster.once(`guests:${kind}:${node}`, async () =>
    kind === 'vm' ? await place.qemu.$get() : await place.lxc.$get(),
  )
}

// proxmox-api types only the first few of an indexed family (net0 … net3) and joins the parameters of both kinds by `&`;
// the API itself checks every name and value. This is the one cast for it.
function untyped<T>(parameters: Parameters): T {
  return parameters as T
}

function resizeOf(guest: { resize: { $put(parameters: never): Promise<string> } }) {
  return (parameters: never) => guest.resize.$put(parameters)
}
