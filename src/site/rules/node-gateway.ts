// Rule: the default gateways of a node lie in a network in which the node has an address of its own, and are not the node itself.
import { type Cidr, contains, type IpRange, isLinkLocal, parseCidr, parseIp } from '../ip.ts'
import type { Finding, Network, Node, Site } from '../site.ts'
import { hostMistake } from './network.ts'
import { error } from './verdict.ts'

export function nodeGateways(site: Site): Finding[] {
  return site.nodes.flatMap((node) =>
    (['gateway', 'gateway6'] as const).flatMap((key) => {
      const ip = parseIp(node[key] ?? '')
      const mistake = ip && mistakeOf(ip, node, site.networks)
      return mistake === undefined ? [] : [error(['nodes', node.name, key], mistake)]
    }),
  )
}

/**
 * A node whose address lies in no network of the site file has its way out elsewhere, on an interface that the site file
 * says nothing about: nothing is held against its gateway then, unless that lies in one of our networks.
 */
function mistakeOf(gateway: IpRange, node: Node, networks: readonly Network[]): string | undefined {
  if (isOwn(gateway, node))
    return `${node[gateway.family === 4 ? 'gateway' : 'gateway6']} is an address of ${node.name} itself`
  const homes = networks.flatMap((network) => {
    const cidr = cidrOf(network, gateway.family)
    return cidr !== undefined && isHome(node, network, cidr) ? [{ cidr, name: network.name }] : []
  })
  const address = parseIp(node.address)
  const elsewhere = address !== undefined && homes.every(({ cidr }) => !contains(cidr, address))
  if (isLinkLocal(gateway.first, gateway.family))
    return homes.length > 0 || (elsewhere && address.family === 6)
      ? undefined
      : `${node.name} has no IPv6 address that reaches it`
  const home = homes.find(({ cidr }) => contains(cidr, gateway))
  if (home !== undefined) return hostMistake(gateway, home.cidr, home.name)
  const foreign = networks.find((network) => {
    const cidr = cidrOf(network, gateway.family)
    return cidr !== undefined && contains(cidr, gateway)
  })
  if (foreign !== undefined) return `${node.name} has no address in network ${foreign.name}, where its gateway is`
  const nearest = homes.find(({ cidr }) => address !== undefined && contains(cidr, address)) ?? homes[0]
  if (nearest === undefined || (elsewhere && address.family === gateway.family)) return undefined
  return hostMistake(gateway, nearest.cidr, nearest.name)
}

function isOwn({ first, family }: IpRange, { address, addresses }: Node): boolean {
  return [address, ...Object.values(addresses).flat()].some((text) => {
    const ip = parseIp(text)
    return ip?.family === family && ip.first === first
  })
}

/** The node has an address in the network, said in `addresses` or as its main one. */
function isHome(node: Node, { name }: Network, cidr: Cidr): boolean {
  const own = Object.hasOwn(node.addresses, name) ? node.addresses[name] : undefined
  return [node.address, ...(own ?? [])].some((text) => {
    const ip = parseIp(text)
    return ip !== undefined && contains(cidr, ip)
  })
}

function cidrOf({ ipv4, ipv6 }: Network, family: 4 | 6): Cidr | undefined {
  return parseCidr((family === 4 ? ipv4 : ipv6) ?? '')
}
