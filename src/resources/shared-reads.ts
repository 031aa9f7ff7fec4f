// Bulk reads that many resources and probes share: each runs once per cluster until something is written there.
import type { Cluster } from '../pve/pve.ts'

/** A guest anywhere in the cluster. */
export interface ClusterGuest {
  readonly vmid: number
  readonly kind: 'vm' | 'ct'
  readonly node: string
  readonly name: string
  readonly pool?: string
}

/** Every guest of the cluster that we may see, by VMID: also one that an operator or HA moved to another node. */
export function clusterGuests(cluster: Cluster): Promise<ReadonlyMap<number, ClusterGuest>> {
  return cluster.once('guests', async () => {
    const rows = await cluster.api.cluster.resources.$get({ type: 'vm' })
    return new Map(
      rows.flatMap((row) => (row.node === undefined ? [] : [clusterGuest(row, row.node)])).map((g) => [g.vmid, g]),
    )
  })
}

function clusterGuest(row: { id: string; type: string; name?: string; pool?: string }, node: string): ClusterGuest {
  const vmid = Number(row.id.split('/')[1])
  const pool = row.pool === undefined || row.pool === '' ? {} : { pool: row.pool }
  return { vmid, kind: row.type === 'lxc' ? 'ct' : 'vm', node, name: row.name ?? `guest ${vmid}`, ...pool }
}

export interface Volume {
  readonly volid: string
}

/** The volumes on a storage (of one content type); a storage that is not there (yet) holds none. */
export function volumes(cluster: Cluster, node: string, storage: string, content?: string): Promise<readonly Volume[]> {
  return cluster.once(`content:${node}:${storage}:${content ?? ''}`, async () => {
    try {
      const wish = content === undefined ? {} : { content }
      const rows = await cluster.api.nodes.$(node).storage.$(storage).content.$get(wish)
      return rows.map(({ volid }) => ({ volid }))
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  })
}

/** Storage definitions of the cluster, by name. */
export function storages(cluster: Cluster): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  return cluster.once('storage', async () => {
    const rows: readonly { storage: string }[] = await cluster.api.storage.$get()
    return new Map(rows.map((row) => [row.storage, { ...row }]))
  })
}

/** `E_PVE_NOT_FOUND`, whoever made the error. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'E_PVE_NOT_FOUND'
}
