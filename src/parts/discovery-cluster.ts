// What a cluster has, over its API: nodes, storages, pools, mappings, and every guest with its options.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import { listGuests } from '../resources/guest-api.ts'
import { parseTags } from '../resources/guest-identity.ts'
import { readPending, settingsOf } from '../resources/guest-state.ts'
import { type ClusterGuest, clusterGuests, mappings, storages } from '../resources/shared-reads.ts'
import type { Discovery, FoundGuest, FoundStorage } from '../site/discovery.ts'

type Cluster = ReturnType<Outside['pve']['cluster']>

export type FoundCluster = Pick<
  Discovery,
  'version' | 'cluster' | 'others' | 'storages' | 'pools' | 'guests' | 'mappings' | 'gaps'
>

/** Over `node`, one of its nodes. Errors: E_PVE_*. */
export async function clusterOf(cluster: Cluster, node: string): Promise<FoundCluster> {
  const gaps: string[] = []
  const [version, nodes, stores, pools, maps, guests] = await Promise.all([
    cluster.version(),
    nodesOf(cluster, node),
    storagesOf(cluster, node, gaps),
    cluster.api.pools.$get(),
    mappings(cluster, 'pci'),
    guestsOf(cluster, gaps),
  ])
  return {
    version: version.text,
    ...nodes,
    storages: stores,
    pools: pools.map(({ poolid }) => poolid).sort(),
    guests,
    mappings: Object.fromEntries([...maps].map(([name, { map }]) => [name, map])),
    gaps,
  }
}

async function nodesOf(cluster: Cluster, node: string): Promise<Pick<Discovery, 'cluster' | 'others'>> {
  const rows: readonly { type: string; name: string; ip?: string; online?: unknown }[] =
    await cluster.api.cluster.status.$get()
  const name = rows.find(({ type }) => type === 'cluster')?.name
  const others = rows.flatMap((row) => {
    if (row.type !== 'node' || row.name === node) return []
    return [{ name: row.name, ...(row.ip ? { address: row.ip } : {}), isOnline: Number(row.online ?? 0) === 1 }]
  })
  return { ...(name === undefined ? {} : { cluster: name }), others: others.sort(byName) }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)

/** Keys of a definition that are no option of its type. */
const OF_ALL = new Set(['storage', 'type', 'content', 'nodes', 'shared', 'disable', 'digest', 'password', 'keyring'])

async function storagesOf(cluster: Cluster, node: string, gaps: string[]): Promise<readonly FoundStorage[]> {
  const [defined, listed] = await Promise.all([storages(cluster), stateOf(cluster, node, gaps)])
  const found = [...defined].map(([name, have]): FoundStorage => {
    const now = listed.find(({ storage }) => storage === name)
    const options = Object.entries(have).filter(([key, value]) => !OF_ALL.has(key) && value !== undefined)
    return {
      name,
      type: String(have.type ?? ''),
      content: words(have.content),
      nodes: words(have.nodes),
      isShared: isOn(have.shared) || isOn(now?.shared),
      isEnabled: !isOn(have.disable),
      isActive: isOn(now?.active),
      ...(now?.total === undefined ? {} : { bytes: Number(now.total) }),
      ...(now?.avail === undefined ? {} : { freeBytes: Number(now.avail) }),
      options: Object.fromEntries(options.map(([key, value]) => [key, String(value)])),
    }
  })
  return found.sort(byName)
}

interface StorageRow {
  readonly storage: string
  readonly shared?: unknown
  readonly active?: unknown
  readonly total?: unknown
  readonly avail?: unknown
}

async function stateOf(cluster: Cluster, node: string, gaps: string[]): Promise<readonly StorageRow[]> {
  try {
    return await cluster.api.nodes.$(node).storage.$get()
  } catch (error) {
    gaps.push(gapOf(`how full the storages of ${node} are`, error))
    return []
  }
}

function gapOf(what: string, error: unknown): string {
  if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
  return `${what} could not be read: ${error.message}`
}

const isOn = (value: unknown): boolean => value === true || Number(value) === 1

function words(value: unknown): readonly string[] {
  const all = String(value ?? '').split(/[,;\s]+/)
  return [...new Set(all.filter((word) => word !== '' && word !== 'none'))].sort()
}

async function guestsOf(cluster: Cluster, gaps: string[]): Promise<readonly FoundGuest[]> {
  const all = [...(await clusterGuests(cluster)).values()].sort((a, b) => a.vmid - b.vmid)
  const found = await Promise.all(all.map((guest) => guestOf(cluster, guest, gaps)))
  return found.flatMap((guest) => guest ?? [])
}

/** undefined = it went meanwhile, or its node does not answer. */
async function guestOf(cluster: Cluster, guest: ClusterGuest, gaps: string[]): Promise<FoundGuest | undefined> {
  const { vmid, kind, node, name, pool } = guest
  try {
    const [entries, listed] = await Promise.all([
      readPending(cluster, { kind, node, vmid }),
      listGuests(cluster, kind, node),
    ])
    if (entries === undefined) return undefined
    const settings = [...settingsOf(entries)].filter(([key]) => key !== 'digest')
    const now = listed.find((one) => Number(one.vmid) === vmid)
    const config = Object.fromEntries(settings.flatMap(([key, { next }]) => (next === undefined ? [] : [[key, next]])))
    return {
      vmid,
      name,
      kind,
      node,
      isRunning: now?.status === 'running',
      isTemplate: config.template === '1',
      tags: parseTags(config.tags ?? ''),
      ...(pool === undefined ? {} : { pool }),
      config,
      pending: settings.flatMap(([key, { active, next }]) => (active === next ? [] : [key])).sort(),
    }
  } catch (error) {
    gaps.push(gapOf(`${name} (${vmid} on ${node})`, error))
    return undefined
  }
}
