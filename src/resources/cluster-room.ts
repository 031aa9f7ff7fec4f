// What the nodes of a cluster have room for: memory, processors, storages. Bulk reads only.
import type { Cluster } from '../pve/pve.ts'

/** One node, as far as a guest may come to it. */
export interface NodeRoom {
  readonly node: string
  readonly online: boolean
  /** undefined = the API does not tell (no Sys.Audit). */
  readonly memoryMib?: number
  /** In use now, or promised to the guests that run there: whichever is more. */
  readonly takenMib: number
  readonly threads?: number
  readonly storages: ReadonlyMap<string, StorageRoom>
}

export interface StorageRoom {
  readonly content: readonly string[]
  readonly shared: boolean
  readonly freeGib: number
}

const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** The nodes of these names; storages only of those that are online. */
export async function readRoom(cluster: Cluster, names: readonly string[]): Promise<readonly NodeRoom[]> {
  const [nodes, guests] = await Promise.all([
    cluster.api.nodes.$get(),
    cluster.api.cluster.resources.$get({ type: 'vm' }),
  ])
  const wanted = nodes.filter(({ node }) => names.includes(node))
  return Promise.all(
    wanted.map(async ({ node, status, maxmem, mem = 0, maxcpu }): Promise<NodeRoom> => {
      const running = guests.filter((guest) => guest.node === node && guest.status === 'running')
      const promised = running.reduce((sum, guest) => sum + Number(guest.maxmem ?? 0), 0)
      const online = status === 'online'
      return {
        ...{ node, online, takenMib: Math.round(Math.max(mem, promised) / MIB) },
        ...(maxmem ? { memoryMib: Math.round(maxmem / MIB) } : {}),
        ...(maxcpu ? { threads: maxcpu } : {}),
        storages: online ? await readStorages(cluster, node) : new Map(),
      }
    }),
  )
}

async function readStorages(cluster: Cluster, node: string): Promise<ReadonlyMap<string, StorageRoom>> {
  const rows = await cluster.api.nodes.$(node).storage.$get()
  const active = rows.filter(({ active: is }) => Number(is) === 1)
  return new Map(
    active.map(({ storage, content, shared, avail = 0 }) => [
      storage,
      { content: content.split(','), shared: Number(shared) === 1, freeGib: Number(avail) / GIB },
    ]),
  )
}

/** VMIDs that HA looks after: it moves them itself, and tells when. */
export async function haGuests(cluster: Cluster): Promise<ReadonlySet<number>> {
  const rows = await cluster.api.cluster.resources.$get({ type: 'vm' })
  return new Set(rows.filter(({ hastate }) => hastate !== undefined).map(({ id }) => Number(id.split('/')[1])))
}
