// What the rest of orion sees of Proxmox VE: clusters, their typed API, shared reads, tasks.
import type { Proxmox } from 'proxmox-api'

export interface Version {
  readonly major: number
  readonly minor: number
  /** As the API says it, e.g. `9.1.4`. */
  readonly text: string
}

/** What a waiting task reports: started, and ended. Fits resource.ts's Note. */
export type TaskNote = (
  news:
    | { kind: 'task'; upid: string; state: 'running' | 'ended' }
    | { kind: 'log'; upid: string; text: string }
    | { kind: 'warning'; text: string },
) => void

/** One Proxmox VE cluster (or single node), reached over one pool of connections. */
export interface Cluster {
  /** The cluster's name in the site file, or the site's name where there are no clusters. */
  readonly name: string
  /** Who we are there: `user@realm` of a ticket, `user@realm!token` of a token. A refused token may give way to another: ask after an answer. */
  who(): Promise<string>
  /** proxmox-api's typed proxy over our own engine. */
  readonly api: Proxmox.Api
  version(): Promise<Version>
  /**
   * A bulk read that callers share: `read` runs once per key until this process writes to the cluster, or `Pve.forget()`.
   * A failed read is not kept.
   */
  once<T>(key: string, read: () => Promise<T>): Promise<T>
  /**
   * Waits for a task to its end and returns. `WARNINGS: n` is noted as a warning with the tail of the log.
   * Errors: E_TASK with the log's tail; E_PVE_BUSY (recheck) where a lock could not be had; E_INTERRUPTED on abort.
   */
  task(upid: string, note: TaskNote, options?: { readonly timeoutMs?: number }): Promise<void>
}

export interface Pve {
  /** The cluster that a node of the site file belongs to. */
  cluster(node: string): Cluster
  /** Drops what `once` keeps, in every cluster. */
  forget(): void
  /** Closes the connections; the process can end. */
  close(): Promise<void>
}
