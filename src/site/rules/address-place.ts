// Rule: an address lies in its network and is a host's: addresses of guests, of nodes, and the gateways of nodes.
import { type Cidr, contains, type IpRange, parseCidr, parseIp } from '../ip.ts'
import type { Finding, Guest, Network, Nic, NicAddress, Node, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { hostMistake } from './network.ts'
import { error, guestPath } from './verdict.ts'

export function addressPlace(site: Site): Finding[] {
  const networks = byName(site.networks)
  const plan = new Map(
    [...networks].map(([name, network]) => [name, { 4: toCidr(network.ipv4), 6: toCidr(network.ipv6) }]),
  )
  const peers = (site.bgp?.peers ?? []).flatMap((peer) => parseIp(peer.address) ?? [])
  const findings: Finding[] = []
  for (const guest of site.guests)
    for (const nic of guest.nics) {
      const cidrs = plan.get(nic.network)
      if (cidrs !== undefined)
        findings.push(...nicMistake(guest, nic, cidrs, guest.name === site.bgp?.router ? peers : []))
    }
  for (const node of site.nodes) findings.push(...nodeMistakes(node, networks, plan))
  return findings
}

type Cidrs = { readonly 4: Cidr | undefined; readonly 6: Cidr | undefined }

function toCidr(text: string | undefined): Cidr | undefined {
  return text === undefined ? undefined : parseCidr(text)
}

function nicMistake(guest: Guest, nic: Nic, cidrs: Cidrs, peers: readonly IpRange[]): Finding[] {
  const findings: Finding[] = []
  for (const address of [nic.ipv4, nic.ipv6]) {
    if (typeof address !== 'object') continue
    const own = parseCidr(address.cidr)
    const network = own && cidrs[own.family]
    if (own === undefined || network === undefined || isTransit(own, address, peers)) continue
    const mistake = hostMistake({ ...own, first: own.address, last: own.address }, network, nic.network)
    if (mistake !== undefined) findings.push(error(guestPath(guest, 'nics', nic.network), mistake))
  }
  return findings
}

/**
 * A transit network is the provider's and not in the site file: the NIC's own prefix holds a BGP peer of this router,
 * or a gateway written at the NIC itself.
 */
function isTransit(own: Cidr, address: Exclude<NicAddress, 'dhcp'>, peers: readonly IpRange[]): boolean {
  const gateway = address.gateway === undefined ? undefined : parseIp(address.gateway)
  return [...peers, ...(gateway === undefined ? [] : [gateway])].some((other) => contains(own, other))
}

function nodeMistakes(node: Node, networks: ReadonlyMap<string, Network>, plan: ReadonlyMap<string, Cidrs>): Finding[] {
  const findings: Finding[] = []
  for (const [name, text] of Object.entries(node.addresses)) {
    const ip = parseIp(text)
    const cidrs = plan.get(name)
    if (ip === undefined || cidrs === undefined) continue
    const cidr = cidrs[ip.family]
    const mistake =
      cidr === undefined ? `${text}: network ${name} has no IPv${ip.family} network` : hostMistake(ip, cidr, name)
    if (mistake !== undefined) findings.push(error(['nodes', node.name, 'addresses', name], mistake))
  }
  return [...findings, ...nodeGateway(node, networks, plan)]
}

/** The node's gateway lies in the network that its address lies in, where that network is in the site file. */
function nodeGateway(node: Node, networks: ReadonlyMap<string, Network>, plan: ReadonlyMap<string, Cidrs>): Finding[] {
  const gateway = parseIp(node.gateway ?? '')
  const address = parseIp(node.address)
  if (gateway === undefined || address === undefined || gateway.family !== address.family) return []
  const homes = new Set([...Object.keys(node.addresses), ...Object.keys(node.ports), ...networks.keys()])
  for (const name of homes) {
    const cidr = plan.get(name)?.[address.family]
    if (cidr === undefined || !contains(cidr, address)) continue
    const mistake = hostMistake(gateway, cidr, name)
    return mistake === undefined ? [] : [error(['nodes', node.name, 'gateway'], mistake)]
  }
  return []
}
