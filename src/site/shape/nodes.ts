// Nodes: what they say themselves over what `defaults.node` says, and their own addresses.
import { contains, parseCidr, parseIp } from '../ip.ts'
import type { SshInput } from '../schema/ssh.ts'
import type { Node, Ssh, Swap, Zram } from '../site.ts'
import { type Context, compact, ownValue } from './context.ts'
import { shapeInstall } from './install.ts'

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

type NodeInput = Context['input']['nodes'][string]

function shapeNode(context: Context, name: string, cluster: string): Node {
  const own = context.input.nodes[name]
  if (own === undefined) throw new Error(`no node ${name}`)
  const node: NodeInput = { ...context.input.defaults?.node, ...own }
  const { hardware, zfs, zram, api } = node
  return compact({
    name,
    cluster,
    address: node.address,
    gateway: node.gateway,
    gateway6: node.gateway6,
    bmc: node.bmc,
    ssh: shapeSsh(node.ssh),
    ports: named(context, name, 'ports', node.ports ?? {}),
    bonds: Object.entries(node.bonds ?? {}).map(([bond, rest]) => ({ name: bond, ...rest })),
    addresses: withAddress(context, node.address, named(context, name, 'addresses', node.addresses ?? {})),
    bridges: [],
    keepInterfaces: node.keepInterfaces === true ? (true as const) : undefined,
    pinPorts: node.pinPorts ?? false,
    sources: node.sources,
    packages: [...new Set(node.packages)],
    sysctl: node.sysctl ?? {},
    swap: (node.swap ?? []).map(({ size, ...rest }): Swap => compact({ ...rest, sizeMib: size })),
    hardware:
      hardware &&
      compact({ threads: hardware.threads, cores: hardware.cores, memoryMib: hardware.memory, power: hardware.power }),
    zfs: zfs && compact({ arcMaxMib: zfs.arcMax }),
    zram: zram && shapeZram(zram),
    iommu: node.iommu ?? { passthrough: false, acsOverride: false, unsafeInterrupts: false },
    rebootWindow: node.rebootWindow,
    isolateCores: node.isolateCores ?? false,
    install: own.install && shapeInstall(context, name, own.install),
    api: compact({ port: api?.port ?? 8006, fingerprint: api?.fingerprint, token: api?.token }),
  })
}

/** The entries whose network exists; the others are reported. */
function named<T>(context: Context, node: string, key: 'ports' | 'addresses', entries: Readonly<Record<string, T>>) {
  return Object.fromEntries(
    Object.entries(entries).filter(([network]) => context.has('networks', network, ['nodes', node, key, network])),
  )
}

/**
 * A node's main address belongs to its interface too: whoever leaves it out of `addresses` must not lose the way to the
 * node. It comes first, so that the node speaks from it.
 */
function withAddress(
  { input }: Context,
  address: string,
  addresses: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  const own = Object.fromEntries(Object.entries(addresses).map(([network, list]) => [network, [...new Set(list)]]))
  const ip = parseIp(address)
  if (ip === undefined || Object.values(own).some((list) => list.includes(address))) return own
  for (const [name, { bridge, ipv4, ipv6 }] of Object.entries(input.networks ?? {})) {
    const cidr = parseCidr((ip.family === 4 ? ipv4 : ipv6) ?? '')
    if (bridge === undefined || cidr === undefined || !contains(cidr, ip)) continue
    return { ...own, [name]: [address, ...(ownValue(own, name) ?? [])] }
  }
  return own
}

export function shapeZram({ size, priority }: NonNullable<NodeInput['zram']>): Zram {
  return compact({ ...sizeOf(size), priority })
}

function sizeOf(size: { percent: number } | { mib: number } | undefined): { sizePercent?: number; sizeMib?: number } {
  if (size === undefined) return {}
  return 'percent' in size ? { sizePercent: size.percent } : { sizeMib: size.mib }
}

export function shapeSsh({ alsoAt = [], ...rest }: SshInput = {}): Ssh {
  return { ...rest, alsoAt: [...new Set(alsoAt)] }
}
