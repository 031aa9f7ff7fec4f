// Rule: a BGP peer can be reached from an address that the router has.
import { type Cidr, contains, type IpRange, isLinkLocal, parseCidr, parseIp } from '../ip.ts'
import type { BgpPeer } from '../services.ts'
import type { Finding, Guest, Node, Site } from '../site.ts'
import { nicIp } from './address-claim.ts'
import { byName } from './lookup.ts'
import { error } from './verdict.ts'

export function bgpAddresses(site: Site): Finding[] {
  if (site.bgp === undefined) return []
  const own = routerAddresses(site, site.bgp.router)
  return site.bgp.peers.flatMap((peer) => [
    ...(own === undefined ? [] : reachable(peer, own)),
    ...localAddress(peer, own),
  ])
}

interface OwnAddresses {
  readonly addresses: readonly IpRange[]
  readonly networks: readonly IpRange[]
  /** Families of which an address is only known at run time (DHCP, router advertisement) in a network without a prefix. */
  readonly unknown: ReadonlySet<4 | 6>
  /** True where some network gives the router addresses that the site file does not know. */
  readonly isGiven: boolean
  readonly title: string
}

/** Without multihop a session has a TTL of one: the peer has to stand in a network of the router's own. */
function reachable(peer: BgpPeer, own: OwnAddresses): Finding[] {
  const ip = parseIp(peer.address)
  if (ip === undefined) return []
  const path = ['bgp', 'peers', peer.name, 'address']
  if (own.addresses.some((address) => contains(address, ip)))
    return [error(path, `${peer.address} is an address of ${own.title} itself`)]
  if ((peer.multihop ?? 1) > 1 || isLinkLocal(ip.first, ip.family) || own.unknown.has(ip.family)) return []
  if (own.networks.some((network) => contains(network, ip))) return []
  return [error(path, `${peer.address} is in no network of ${own.title}: give it one there, or set multihop`)]
}

/** A network that gives out IPv4 addresses may give IPv6 ones too: where there is one, any address may be the router's. */
function localAddress({ name, address, localAddress: text }: BgpPeer, own: OwnAddresses | undefined): Finding[] {
  const remote = parseIp(address)
  const local = parseIp(text ?? '')
  if (remote === undefined || local === undefined) return []
  const path = ['bgp', 'peers', name, 'localAddress']
  if (remote.family !== local.family) return [error(path, `${text} and ${address} are not of one family`)]
  if (own === undefined || own.isGiven || isLinkLocal(local.first, local.family)) return []
  if (own.addresses.some((each) => contains(each, local))) return []
  return [error(path, `${text} is no address of ${own.title}: give it to one of its NICs, or leave it out`)]
}

function routerAddresses(site: Site, router: string): OwnAddresses | undefined {
  const inMesh = site.mesh?.gateways.find(({ name }) => name === router)
  const mesh = inMesh && { network: parseCidr(site.mesh?.network ?? ''), address: parseIp(inMesh.address) }
  const guest = site.guests.find(({ name }) => name === router)
  const node = site.nodes.find(({ name }) => name === router)
  const own = guest === undefined ? node && ofNode(node, site) : ofGuest(guest, site)
  return (
    own && {
      ...own,
      networks: [...own.networks, ...(mesh?.network === undefined ? [] : [mesh.network])],
      addresses: [...own.addresses, ...(mesh?.address === undefined ? [] : [mesh.address])],
    }
  )
}

function ofGuest(guest: Guest, site: Site): OwnAddresses {
  const plan = byName(site.networks)
  const addresses: IpRange[] = []
  const networks: Cidr[] = []
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
  const isGiven = guest.nics.some(({ ipv4, ipv6 }) => ipv4 === 'dhcp' || ipv6 === 'dhcp' || ipv6 === 'auto')
  return { addresses, networks, unknown, isGiven, title: `guests.${guest.name}` }
}

function ofNode(node: Node, site: Site): OwnAddresses {
  const addresses = [node.address, ...Object.values(node.addresses).flat()].flatMap((text) => parseIp(text) ?? [])
  const cidrs = site.networks.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((text) => parseCidr(text ?? '') ?? []))
  const networks = cidrs.filter((cidr) => addresses.some((address) => contains(cidr, address)))
  return { addresses, networks, unknown: new Set(), isGiven: false, title: `nodes.${node.name}` }
}
