// Rule: BGP peers can be reached, have an AS number that fits their relation, and are who their name says.
import { type Cidr, contains, formatIp, type IpRange, isLinkLocal, parseCidr, parseIp } from '../ip.ts'
import type { Bgp } from '../services.ts'
import type { Finding, Guest, Node, Site } from '../site.ts'
import { nicIp } from './address-claim.ts'
import { holderContradiction } from './as-holder.ts'
import { byName } from './lookup.ts'
import { error, warning } from './verdict.ts'

type Peer = Bgp['peers'][number]

export function bgp(site: Site): Finding[] {
  if (site.bgp === undefined) return []
  const { asn, peers } = site.bgp
  const own = routerAddresses(site, site.bgp.router)
  const findings = ownAsn(asn, peers)
  const taken = new Map<string, string>()
  for (const peer of peers) {
    findings.push(...asNumber(peer, asn), ...(own === undefined ? [] : reachable(peer, own)), ...localAddress(peer))
    const earlier = taken.get(sessionKey(peer))
    if (earlier === undefined) taken.set(sessionKey(peer), peer.name)
    else
      findings.push(error(['bgp', 'peers', peer.name, 'address'], `${peer.address} is taken by bgp.peers.${earlier}`))
  }
  return findings
}

function sessionKey({ address, localAddress }: Peer): string {
  const value = parseIp(address)
  return `${value === undefined ? address : formatIp(value.family, value.first)} ${localAddress ?? ''}`
}

/** Ranges that nobody may show to a provider, and numbers that are nobody's at all (IANA AS number registry). */
const PRIVATE: readonly (readonly [number, number])[] = [
  [64512, 65534], // RFC 6996
  [4200000000, 4294967294],
]
const RESERVED: readonly (readonly [number, number])[] = [
  [64496, 64511], // RFC 5398, as the next
  [65536, 65551],
  [65552, 131071], // not yet given out
]
const UNUSABLE: readonly number[] = [0, 23456, 65535, 4294967295] // RFC 7607, RFC 6793, RFC 7300

/** `private` or `reserved`, or undefined for an AS number that can stand in the internet. */
export function specialAsn(asn: number): 'private' | 'reserved' | undefined {
  const within = (ranges: readonly (readonly [number, number])[]) =>
    ranges.some(([first, last]) => asn >= first && asn <= last)
  if (UNUSABLE.includes(asn) || within(RESERVED)) return 'reserved'
  return within(PRIVATE) ? 'private' : undefined
}

function ownAsn(asn: number, peers: readonly Peer[]): Finding[] {
  const path = ['bgp', 'asn']
  if (UNUSABLE.includes(asn)) return [error(path, `AS${asn} is reserved: no router may have it`)]
  const special = specialAsn(asn)
  const provider = peers.find(({ relation }) => relation === 'provider')
  if (special === undefined || provider === undefined) return []
  return [error(path, `AS${asn} is ${special}, and bgp.peers.${provider.name} is a provider`)]
}

function asNumber({ name, asn, relation }: Peer, own: number): Finding[] {
  const path = ['bgp', 'peers', name, 'asn']
  const special = specialAsn(asn)
  if (UNUSABLE.includes(asn)) return [error(path, `AS${asn} is reserved: no router may have it`)]
  if (relation === 'provider' && special !== undefined)
    return [error(path, `AS${asn} is ${special}, and ${name} is a provider`)]
  if (relation === 'internal' && asn !== own)
    return [error(path, `AS${asn} is not our own AS${own}, and ${name} is internal`)]
  if (relation !== 'internal' && asn === own)
    return [error(path, `AS${asn} is our own: the relation of ${name} is internal`)]
  const contradiction = holderContradiction(asn, name)
  if (contradiction === undefined) return []
  return [warning(path, `AS${asn} is ${contradiction.holder}, not ${contradiction.named}`)]
}

interface OwnAddresses {
  readonly addresses: readonly IpRange[]
  readonly networks: readonly IpRange[]
  /** Families of which an address is only known at run time (DHCP, router advertisement) in a network without a prefix. */
  readonly unknown: ReadonlySet<4 | 6>
  readonly title: string
}

/** Without multihop a session has a TTL of one: the peer has to stand in a network of the router's own. */
function reachable(peer: Peer, own: OwnAddresses): Finding[] {
  const ip = parseIp(peer.address)
  if (ip === undefined) return []
  const path = ['bgp', 'peers', peer.name, 'address']
  if (own.addresses.some((address) => contains(address, ip)))
    return [error(path, `${peer.address} is an address of ${own.title} itself`)]
  if ((peer.multihop ?? 1) > 1 || isLinkLocal(ip.first, ip.family) || own.unknown.has(ip.family)) return []
  if (own.networks.some((network) => contains(network, ip))) return []
  return [error(path, `${peer.address} is in no network of ${own.title}: give it one there, or set multihop`)]
}

function localAddress({ name, address, localAddress: local }: Peer): Finding[] {
  const remote = parseIp(address)
  const own = parseIp(local ?? '')
  if (remote === undefined || own === undefined || remote.family === own.family) return []
  return [error(['bgp', 'peers', name, 'localAddress'], `${local} and ${address} are not of one family`)]
}

function routerAddresses(site: Site, router: string): OwnAddresses | undefined {
  const mesh = site.mesh?.gateways.some(({ name }) => name === router) ? parseCidr(site.mesh.network) : undefined
  const extra = mesh === undefined ? [] : [mesh]
  const guest = site.guests.find(({ name }) => name === router)
  if (guest !== undefined) return ofGuest(guest, site, extra)
  const node = site.nodes.find(({ name }) => name === router)
  return node && ofNode(node, site, extra)
}

function ofGuest(guest: Guest, site: Site, extra: readonly Cidr[]): OwnAddresses {
  const plan = byName(site.networks)
  const addresses: IpRange[] = []
  const networks: IpRange[] = [...extra]
  const unknown = new Set<4 | 6>()
  for (const { network, ipv4, ipv6 } of guest.nics) {
    const known = plan.get(network)
    for (const [family, address, text] of [[4, ipv4, known?.ipv4] as const, [6, ipv6, known?.ipv6] as const]) {
      const cidr = parseCidr(text ?? '')
      if (cidr !== undefined) networks.push(cidr)
      else if (address === 'dhcp' || address === 'auto') unknown.add(family)
      const own = nicIp(address)
      if (own !== undefined) addresses.push(own)
      const ownNetwork = typeof address === 'object' ? parseCidr(address.cidr) : undefined
      if (ownNetwork !== undefined) networks.push(ownNetwork)
    }
  }
  return { addresses, networks, unknown, title: `guests.${guest.name}` }
}

function ofNode(node: Node, site: Site, extra: readonly Cidr[]): OwnAddresses {
  const addresses = [node.address, ...Object.values(node.addresses).flat()].flatMap((text) => parseIp(text) ?? [])
  const cidrs = site.networks.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((text) => parseCidr(text ?? '') ?? []))
  const networks = [...extra, ...cidrs.filter((cidr) => addresses.some((address) => contains(cidr, address)))]
  return { addresses, networks, unknown: new Set(), title: `nodes.${node.name}` }
}
