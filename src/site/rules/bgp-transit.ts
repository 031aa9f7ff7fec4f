// Rule: where BGP leads packets, the firewall of the same router lets them through: elsewhere they end without a word.
import { contains, parseCidr, parseIp } from '../ip.ts'
import type { BgpPeer, FirewallRule } from '../services.ts'
import type { Finding, Guest, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { networksOfPeer } from './outside.ts'
import { warning } from './verdict.ts'

/** A peer beside the router, in the network that it stands in. A session carries routes of the family of its address. */
interface Neighbour {
  readonly peer: BgpPeer
  readonly network: string
  readonly family: 4 | 6
}

/** Ports are the operator's choice: a rule about some of them is taken for one about all. */
export function bgpTransit(site: Site): Finding[] {
  const { bgp, firewall } = site
  const router = byName(site.guests).get(bgp?.router ?? '')
  if (bgp === undefined || router === undefined || firewall?.router !== bgp.router) return []
  const foreign = bgp.peers.flatMap((peer) => neighbours(site, peer))
  const ways = foreign.filter(({ peer }) => peer.relation !== 'customer')
  const inside = insideNetworks(site, router, foreign)
  const customers = foreign.filter(({ peer }) => peer.relation === 'customer')
  return [
    ...ways.flatMap((way) => closedWay(site, firewall.allow, way, { ways, inside })),
    ...customers.flatMap((customer) => closedCustomer(firewall.allow, customer, ways)),
  ]
}

function neighbours(site: Site, peer: BgpPeer): Neighbour[] {
  const ip = parseIp(peer.address)
  if (ip === undefined || peer.relation === 'internal') return []
  return networksOfPeer(site, peer)
    .slice(0, 1)
    .map((network) => ({ peer, network, family: ip.family }))
}

function insideNetworks({ firewall }: Site, router: Guest, foreign: readonly Neighbour[]): string[] {
  const out = new Set([...foreign.map(({ network }) => network), ...(firewall?.masquerade ?? [])])
  return router.nics.map(({ network }) => network).filter((name) => !out.has(name))
}

const lets = (allow: readonly FirewallRule[], from: string, to: string) =>
  allow.some((rule) => rule.from.includes(from) && rule.to.includes(to))

/** What may leave by one provider or peer may leave by the others: BGP chooses, and changes its mind. */
function closedWay(
  site: Site,
  allow: readonly FirewallRule[],
  { peer, network, family }: Neighbour,
  { ways, inside }: { readonly ways: readonly Neighbour[]; readonly inside: readonly string[] },
): Finding[] {
  const led = inside.filter((name) => isRouted(site, name, network, family))
  const others = new Set(ways.filter((way) => way.family === family).map((way) => way.network))
  const going = led.filter((name) => [...others].some((other) => lets(allow, name, other)))
  const path = ['bgp', 'peers', peer.name]
  const outside = new Set(ways.map((way) => way.network))
  const isOpen = allow.some(({ from, to }) => to.includes(network) && from.some((name) => !outside.has(name)))
  const missing = going.filter((name) => !lets(allow, name, network))
  const from = missing.length > 0 ? missing : led
  const add = `add ${ruleText(from, [network])}`
  if (!isOpen && from.length > 0)
    return [warning(path, `is a ${peer.relation}, and no rule of the firewall lets anything out there: ${add}`)]
  if (missing.length === 0) return []
  return [
    warning(path, `BGP may lead ${missing.join(', ')} by it, and no rule of the firewall lets that out there: ${add}`),
  ]
}

/** Has a network addresses that are known outside: of IPv6, announced ones, or those of a masquerade? */
function isRouted({ networks, guests, firewall, bgp }: Site, name: string, way: string, family: 4 | 6): boolean {
  const nic = guests.find((guest) => guest.name === bgp?.router)?.nics.find(({ network }) => network === name)
  const network = networks.find((each) => each.name === name)
  const own = family === 4 ? nic?.ipv4 : nic?.ipv6
  const text = (family === 4 ? network?.ipv4 : network?.ipv6) ?? (typeof own === 'object' ? own.cidr : '')
  const cidr = parseCidr(text)
  if (cidr === undefined) return false
  if (family === 4 && firewall?.masquerade.includes(way)) return true
  return (bgp?.announce ?? []).flatMap((each) => parseCidr(each) ?? []).some((prefix) => contains(prefix, cidr))
}

/** A customer pays for being reached from everywhere, and for reaching it. */
function closedCustomer(
  allow: readonly FirewallRule[],
  { peer, network, family }: Neighbour,
  all: readonly Neighbour[],
): Finding[] {
  const ways = [...new Set(all.filter((way) => way.family === family).map((way) => way.network))]
  const out = ways.filter((way) => !lets(allow, network, way))
  const back = ways.filter((way) => !lets(allow, way, network))
  const some = (names: readonly string[], word: string) =>
    names.length < ways.length ? ` ${word} ${names.join(', ')}` : ''
  const say = (what: string, from: readonly string[], to: readonly string[]) =>
    warning(
      ['bgp', 'peers', peer.name],
      `is a customer, and no rule of the firewall lets ${what}: add ${ruleText(from, to)}`,
    )
  return [
    ...(out.length > 0 ? [say(`its packets out${some(out, 'to')}`, [network], out)] : []),
    ...(back.length > 0 ? [say(`packets in to it${some(back, 'from')}`, back, [network])] : []),
  ]
}

/** As it would stand in the site file. */
function ruleText(from: readonly string[], to: readonly string[]): string {
  const list = (names: readonly string[]) => (names.length === 1 ? `${names[0]}` : `[${names.join(', ')}]`)
  return `{ from: ${list(from)}, to: ${list(to)} }`
}
