// Which bridges each node shall have, with the port, the addresses and the gateways of the node on them.
import { contains, isLinkLocal, parseCidr, parseIp } from '../ip.ts'
import type { Bridge, BridgeAddress, Guest, Network, Node } from '../site.ts'
import { compact, ownValue } from './context.ts'

/**
 * The nodes with their bridges. A node has a bridge where it has a port or an address in one of the bridge's networks, or
 * a guest with a NIC in one; a bridge that no node of the site says anything about stands on every node.
 */
export function withBridges(nodes: readonly Node[], networks: readonly Network[], guests: readonly Guest[]): Node[] {
  const bridges = groupByBridge(networks)
  const claimed = new Set(
    nodes.flatMap((node) => [...bridges].filter(([, on]) => mentions(node, on)).map(([name]) => name)),
  )
  const used = new Set(guests.flatMap(({ node, nics }) => nics.map(({ bridge }) => `${node} ${bridge}`)))
  return nodes.map((node) => {
    const gateways = gatewayHolders(node, networks)
    const wanted = [...bridges].filter(
      ([name, on]) => mentions(node, on) || used.has(`${node.name} ${name}`) || !claimed.has(name),
    )
    return { ...node, bridges: wanted.map(([name, on]) => toBridge(node, name, on, gateways)) }
  })
}

function groupByBridge(networks: readonly Network[]): ReadonlyMap<string, readonly Network[]> {
  const groups = new Map<string, Network[]>()
  for (const network of networks) {
    if (network.bridge === undefined) continue
    const group = groups.get(network.bridge)
    if (group === undefined) groups.set(network.bridge, [network])
    else group.push(network)
  }
  return groups
}

function mentions({ ports, addresses }: Node, networks: readonly Network[]): boolean {
  return networks.some(({ name }) => Object.hasOwn(ports, name) || Object.hasOwn(addresses, name))
}

function toBridge(node: Node, name: string, networks: readonly Network[], gateways: Gateways): Bridge {
  const port = networks.map((network) => ownValue(node.ports, network.name)).find((known) => known !== undefined)
  const mtu = networks.map((network) => network.mtu).find((known) => known !== undefined)
  return compact({
    name,
    networks: networks.map((network) => network.name),
    port,
    vlanAware: networks.some((network) => network.vlanAware),
    mtu,
    addresses: networks.flatMap((network) => addressesOf(node, network, gateways)),
  })
}

function addressesOf(node: Node, network: Network, gateways: Gateways): BridgeAddress[] {
  return (ownValue(node.addresses, network.name) ?? []).flatMap((address) => {
    const prefix = prefixOf(network, address)
    if (prefix === undefined) return []
    const gateway = gateways.get(keyOf(network.name, address))
    return [compact({ network: network.name, cidr: `${address}/${prefix}`, vlan: network.vlan, gateway })]
  })
}

function cidrOf({ ipv4, ipv6 }: Network, family: 4 | 6) {
  return parseCidr((family === 4 ? ipv4 : ipv6) ?? '')
}

function prefixOf(network: Network, address: string): number | undefined {
  const ip = parseIp(address)
  return ip && cidrOf(network, ip.family)?.prefix
}

/** `NETWORK ADDRESS` of the one address per family that carries the default gateway, with that gateway. */
type Gateways = ReadonlyMap<string, string>

function keyOf(network: string, address: string): string {
  return `${network} ${address}`
}

function gatewayHolders(node: Node, networks: readonly Network[]): Gateways {
  const own = networks.flatMap((network) =>
    network.bridge === undefined
      ? []
      : (ownValue(node.addresses, network.name) ?? []).map((address) => ({ network, address })),
  )
  const found = new Map<string, string>()
  for (const gateway of [node.gateway, node.gateway6]) {
    const ip = parseIp(gateway ?? '')
    if (gateway === undefined || ip === undefined) continue
    const family = own.filter(
      ({ network, address }) => parseIp(address)?.family === ip.family && cidrOf(network, ip.family),
    )
    const reaching = family.filter(({ network }) => {
      const cidr = cidrOf(network, ip.family)
      return cidr !== undefined && contains(cidr, ip)
    })
    // A link-local gateway lies in no network: it is behind the interface that the node is reached through.
    const holder = isLinkLocal(ip.first, ip.family) ? (nearMain(node, family) ?? family[0]) : reaching[0]
    if (holder !== undefined) found.set(keyOf(holder.network.name, holder.address), gateway)
  }
  return found
}

function nearMain<T extends { readonly network: Network }>(node: Node, own: readonly T[]): T | undefined {
  return own.find(({ network }) => ownValue(node.addresses, network.name)?.includes(node.address))
}
