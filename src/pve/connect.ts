// The way to Proxmox VE. Loads undici and proxmox-api: import this file lazily.
import { OrionError } from '../errors.ts'
import { type OpenCluster, openCluster } from './cluster.ts'
import type { Endpoint } from './endpoint.ts'
import type { Recorded } from './engine.ts'
import type { Pve } from './pve.ts'
import { openPvesh, type PveshOptions } from './pvesh.ts'
import type { Credentials } from './session.ts'
import { getStop } from './stop.ts'

export interface ClusterOptions {
  readonly name: string
  /** Names of its nodes in the site file. */
  readonly nodes: readonly string[]
  /** Tried in this order; the next one only where nothing was sent. */
  readonly endpoints: readonly Endpoint[]
  /** Asked once, before the first request. */
  readonly credentials: () => Promise<Credentials>
}

export interface ConnectOptions {
  readonly clusters: readonly ClusterOptions[]
  /** Requests at once per cluster; default 8. */
  readonly concurrency?: number
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal
  /** For one request with its whole answer; default 60 s. pveproxy itself gives up on a node after 30 s. */
  readonly timeoutMs?: number
  /** For tests: sees every call of the API once, parameters included. */
  readonly record?: (request: Recorded) => void
}

const CONCURRENCY = 8
const TIMEOUT_MS = 60_000
/** After Ctrl-C a write that was sent may still be answered: so the task that it started can be named. */
const GRACE_MS = 2000

/** Nothing is opened before the first request. Errors of the calls: see Cluster; of `cluster`: E_SITE for an unknown node. */
export function connectPve(options: ConnectOptions): Pve {
  const { concurrency = CONCURRENCY, timeoutMs = TIMEOUT_MS, record } = options
  const stop = getStop(options.signal, GRACE_MS)
  const clusters = options.clusters.map(({ name, nodes, endpoints, credentials }) => ({
    nodes,
    cluster: openCluster({
      cluster: name,
      endpoints,
      credentials,
      concurrency,
      timeoutMs,
      stop,
      ...(record === undefined ? {} : { record }),
    }),
  }))
  return toPve(clusters, stop.end)
}

export interface PveshClusterOptions extends Omit<PveshOptions, 'cluster' | 'signal'> {
  readonly name: string
  /** Names of its nodes in the site file. */
  readonly nodes: readonly string[]
}

/** The same over `pvesh` as root on a node of each cluster. Nothing is run before the first call. */
export function connectPvesh(clusters: readonly PveshClusterOptions[], signal: AbortSignal): Pve {
  const open = clusters.map(({ name, nodes, run }) => ({
    nodes,
    cluster: openPvesh({ cluster: name, run, signal }),
  }))
  return toPve(open, () => undefined)
}

function toPve(
  clusters: readonly { readonly nodes: readonly string[]; readonly cluster: OpenCluster }[],
  end: () => void,
): Pve {
  return {
    cluster: (node) => {
      const found = clusters.find(({ nodes }) => nodes.includes(node))
      if (found === undefined) throw new OrionError(`The node ${node} is in no cluster`, { code: 'E_SITE' })
      return found.cluster
    },
    forget: () => {
      for (const { cluster } of clusters) cluster.forget()
    },
    close: async () => {
      end()
      await Promise.all(clusters.map(async ({ cluster }) => await cluster.close()))
    },
  }
}
