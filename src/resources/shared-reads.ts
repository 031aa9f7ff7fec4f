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

/** The volumes on a storage (of one content type, or all); a storage that is not there, or not for this node (yet), holds none. */
export function volumes(
  cluster: Cluster,
  node: string,
  storage: string,
  content: string | undefined,
): Promise<readonly Volume[]> {
  return cluster.once(`content:${node}:${storage}:${content ?? ''}`, async () => {
    try {
      const wish = content === undefined ? {} : { content }
      const rows = await cluster.api.nodes.$(node).storage.$(storage).content.$get(wish)
      return rows.map(({ volid }) => ({ volid }))
    } catch (error) {
      if (isNotFound(error) || isElsewhere(error)) return []
      throw error
    }
  })
}

// The storage is limited to other nodes, or disabled: 500 `storage 'x' is not available on node 'n'`.
function isElsewhere(error: unknown): boolean {
  return error instanceof Error && /storage '[^']*' (is not available on node|is disabled)/.test(error.message)
}

/** Storage definitions of the cluster, by name. */
export function storages(cluster: Cluster): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  return cluster.once('storage', async () => {
    const rows: readonly { storage: string }[] = await cluster.api.storage.$get()
    return new Map(rows.map((row) => [row.storage, { ...row }]))
  })
}

/** A name for a device, and one line per node that has it: `node=n1,path=0000:01:00,id=10de:2204,…`. */
export interface Mapping {
  readonly map: readonly string[]
  readonly description?: string
}

/** The resource mappings of a bus that we may see, by name. */
export function mappings(cluster: Cluster, bus: 'pci' | 'usb'): Promise<ReadonlyMap<string, Mapping>> {
  return cluster.once(`mappings:${bus}`, async () => {
    const rows: readonly (Mapping & { id: string })[] = await cluster.api.cluster.mapping[bus].$get()
    return new Map(rows.map(({ id, map, description }) => [id, { map, ...(description ? { description } : {}) }]))
  })
}

/** A user of the cluster, as far as it matters here. */
export interface ClusterUser {
  readonly enabled: boolean
  /** Its API tokens by name. */
  readonly tokens: ReadonlyMap<string, { readonly privsep: boolean }>
}

/** One user with its tokens, in one request; undefined where there is none. */
export function clusterUser(cluster: Cluster, name: string): Promise<ClusterUser | undefined> {
  return cluster.once(`user:${name}`, async () => {
    try {
      // The types of proxmox-api call the tokens a text.
      const found: Readonly<Record<string, unknown>> = { ...(await cluster.api.access.users.$(name).$get()) }
      const tokens = Object.entries({
        ...(found.tokens as Readonly<Record<string, { privsep?: unknown }>> | undefined),
      })
      const privsep = ({ privsep = 1 }: { privsep?: unknown }) => ({ privsep: Number(privsep) === 1 })
      return {
        enabled: Number(found.enable ?? 1) === 1,
        tokens: new Map(tokens.map(([id, one]) => [id, privsep(one)])),
      }
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  })
}

/** `E_PVE_NOT_FOUND`, whoever made the error. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'E_PVE_NOT_FOUND'
}
