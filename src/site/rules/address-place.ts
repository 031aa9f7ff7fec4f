// Rule: an address lies in its network and is a host's: addresses of guests and of nodes.
import { type Cidr, contains, type IpRange, parseCidr, parseIp } from '../ip.ts'
import type { Finding, Guest, Nic, Node, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { hostMistake } from './network.ts'
import { error, guestPath } from './verdict.ts'

export function addressPlace(site: Site): Finding[] {
  const networks = byName(site.networks)
  const plan = new Map(
    [...networks].map(([name, network]) => [name, { 4: toCidr(network.ipv4), 6: toCidr(network.ipv6) }]),
  )
  const uplinks = toUplinks(site)
  const findings: Finding[] = []
  for (const guest of site.guests)
    for (const nic of guest.nics) {
      const cidrs = plan.get(nic.network)
      if (cidrs !== undefined) findings.push(...nicMistake(guest, nic, cidrs, uplinks))
    }
  for (const node of site.nodes) findings.push(...nodeMistakes(node, plan))
  return findings
}

/** What the site file says about its ways out: BGP peers of a router, networks behind whose address a router hides others. */
interface Uplinks {
  readonly peers: readonly IpRange[]
  readonly bgpRouter?: string
  readonly masquerade: ReadonlySet<string>
  readonly firewallRouter?: string
}

function toUplinks({ bgp, firewall }: Site): Uplinks {
  return {
    peers: (bgp?.peers ?? []).flatMap((peer) => parseIp(peer.address) ?? []),
    ...(bgp && { bgpRouter: bgp.router }),
    masquerade: new Set(firewall?.masquerade),
    ...(firewall && { firewallRouter: firewall.router }),
  }
}

type Cidrs = { readonly 4: Cidr | undefined; readonly 6: Cidr | undefined }

function toCidr(text: string | undefined): Cidr | undefined {
  return text === undefined ? undefined : parseCidr(text)
}

function nicMistake(guest: Guest, nic: Nic, cidrs: Cidrs, uplinks: Uplinks): Finding[] {
  const findings: Finding[] = []
  for (const address of [nic.ipv4, nic.ipv6]) {
    if (typeof address !== 'object') continue
    const own = parseCidr(address.cidr)
    const network = own && cidrs[own.family]
    if (own === undefined || network === undefined || isTransit(own, guest, nic, uplinks)) continue
    const mistake = hostMistake({ ...own, first: own.address, last: own.address }, network, nic.network)
    if (mistake !== undefined) findings.push(error(guestPath(guest, 'nics', nic.network), mistake))
  }
  return findings
}

/**
 * A transit network is the provider's and not in the site file, so a router's address in it lies in no network of ours.
 * It is one where the NIC's own prefix holds a BGP peer of this router, or where the firewall masquerades: that is the way
 * out. A gateway within reach proves nothing: a wrong address may be in reach of the node's.
 */
function isTransit(own: Cidr, guest: Guest, nic: Nic, uplinks: Uplinks): boolean {
  if (guest.name === uplinks.firewallRouter && uplinks.masquerade.has(nic.network)) return true
  return guest.name === uplinks.bgpRouter && uplinks.peers.some((peer) => contains(own, peer))
}

function nodeMistakes(node: Node, plan: ReadonlyMap<string, Cidrs>): Finding[] {
  const findings: Finding[] = []
  for (const [name, addresses] of Object.entries(node.addresses))
    for (const text of addresses) {
      const ip = parseIp(text)
      const cidrs = plan.get(name)
      if (ip === undefined || cidrs === undefined) continue
      const cidr = cidrs[ip.family]
      const mistake =
        cidr === undefined ? `${text}: network ${name} has no IPv${ip.family} network` : hostMistake(ip, cidr, name)
      const key = text === node.address ? ['address'] : ['addresses', name]
      if (mistake !== undefined) findings.push(error(['nodes', node.name, ...key], mistake))
    }
  return findings
}
