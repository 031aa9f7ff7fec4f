// Clusters, nodes, networks, storages and images: from checked input to the model.
import type { Cluster, Image, Network, Node, Path, Storage } from '../site.ts'
import { type Context, compact } from './context.ts'

export function shapeClusters({ input }: Context): Cluster[] {
  const clusters = Object.entries(input.clusters ?? {})
  if (clusters.length === 0) return [{ name: input.site, isp: [] }]
  return clusters.map(([name, { isp = [], ...rest }]) => ({ name, isp, ...rest }))
}

export function shapeNodes(context: Context): Node[] {
  const { input, report } = context
  const clusters = Object.keys(input.clusters ?? {})
  const sole = context.damaged('clusters')
    ? undefined
    : clusters.length === 0
      ? input.site
      : clusters.length === 1
        ? clusters[0]
        : undefined
  const nodes: Node[] = []
  for (const [name, node] of Object.entries(input.nodes)) {
    const cluster = node.cluster ?? sole
    if (cluster === undefined) {
      if (!context.damaged('clusters'))
        report(['nodes', name], `is in no cluster: set cluster to one of ${clusters.join(', ')}`)
      continue
    }
    const isSite = clusters.length === 0 && cluster === input.site
    if (!isSite && !context.has('clusters', cluster, ['nodes', name, 'cluster'])) continue
    nodes.push(shapeNode(context, name, cluster))
  }
  return nodes
}

function shapeNode(context: Context, name: string, cluster: string): Node {
  const node = context.input.nodes[name]
  if (node === undefined) throw new Error(`no node ${name}`)
  const { hardware, zfs, zram, api, ports = {}, addresses = {}, cluster: _, ...rest } = node
  const named = <T>(entries: Record<string, T>, key: string) =>
    Object.fromEntries(
      Object.entries(entries).filter(([network]) => context.has('networks', network, ['nodes', name, key, network])),
    )
  return compact({
    name,
    ...rest,
    cluster,
    ports: named(ports, 'ports'),
    addresses: named(addresses, 'addresses'),
    hardware:
      hardware &&
      compact({ threads: hardware.threads, cores: hardware.cores, memoryMib: hardware.memory, power: hardware.power }),
    zfs: zfs && compact({ arcMaxMib: zfs.arcMax }),
    zram: zram && compact({ ...sizeOf(zram.size), priority: zram.priority }),
    api: compact({ port: api?.port ?? 8006, fingerprint: api?.fingerprint, token: api?.token }),
  })
}

function sizeOf(size: { percent: number } | { mib: number } | undefined): { sizePercent?: number; sizeMib?: number } {
  if (size === undefined) return {}
  return 'percent' in size ? { sizePercent: size.percent } : { sizeMib: size.mib }
}

/** Networks; `router` is the name of one guest. */
export function shapeNetworks(context: Context): Network[] {
  return Object.entries(context.input.networks ?? {}).map(([name, { router, dns = [], ...rest }]) => {
    const guest = router === undefined ? undefined : context.guest(router, ['networks', name, 'router'])
    return compact({ name, ...rest, dns, router: guest })
  })
}

/** Types whose content is the same on every node that has them. */
const SHARED: ReadonlySet<string> = new Set(['nfs', 'cifs', 'rbd', 'cephfs', 'pbs'])

export function shapeStorage(context: Context): Storage[] {
  return Object.entries(context.input.storage ?? {}).map(([name, entry]) => {
    const { type, content, nodes = [], shared, ...rest } = entry
    const { password, ...options } = 'password' in rest ? rest : { ...rest, password: undefined }
    const known = nodes.filter((node, index) => context.has('nodes', node, ['storage', name, 'nodes', index]))
    return compact({
      name,
      type,
      content: [...new Set(content)],
      nodes: known,
      shared: shared ?? SHARED.has(type),
      options: optionsOf(options),
      password,
    })
  })
}

/** The API takes text: booleans are 1 and 0. */
function optionsOf(options: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key,
      typeof value === 'boolean' ? (value ? '1' : '0') : String(value),
    ]),
  )
}

/** Every node has the storage `local`, whether the site file speaks of it or not. */
export function hasVolume(context: Context, volume: string, path: Path): boolean {
  const storage = volume.split(':')[0] ?? ''
  return storage === 'local' || context.has('storage', storage, path)
}

export function shapeImages(context: Context): Image[] {
  return Object.entries(context.input.images ?? {}).map(([name, image]): Image => {
    // Without a checksum nobody notices an image that was changed on the way or on the server.
    if (image.kind === 'url' && image.checksum === undefined)
      context.report(['images', name], 'has no checksum: what is downloaded is not checked', 'warning')
    if (image.kind === 'volume') hasVolume(context, image.volume, ['images', name, 'volume'])
    if (image.kind === 'iso') hasVolume(context, image.iso, ['images', name, 'iso'])
    if (image.kind === 'iso' && image.drivers !== undefined)
      hasVolume(context, image.drivers, ['images', name, 'drivers'])
    return { name, ...image }
  })
}
