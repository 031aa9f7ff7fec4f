// The named sets of the firewall: which interfaces are on which side, and whose addresses are whose.
import { type Cidr, type IpRange, parseIp } from '../../site/ip.ts'
import type { Site } from '../../site/site.ts'
import { type Addresses, cidrsOf, type Interface, ipsOf, toAddresses } from './firewall-interfaces.ts'
import type { Router } from './router.ts'

/**
 * Never the source of a packet from outside (RFC 6890), whatever the provider does. The private ranges are not among them: a
 * router behind another one hears from such addresses rightly; those of the site itself are refused as its own.
 */
const MARTIANS = cidrsOf([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '::ffff:0:0/96',
  '100::/64',
  '2001:db8::/32',
  '3fff::/20',
  'fc00::/7',
  'ff00::/8',
])

/** Addresses that networks use inside and the world does not know (RFC 1918, RFC 6598, RFC 3927, RFC 4193). */
const PRIVATE = cidrsOf([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
])

export interface NamedSet {
  readonly name: string
  /** Empty = a set that nothing is in. */
  readonly elements: string
}

export interface AddressSet extends NamedSet {
  readonly type: string
}

export function interfaceSets(site: Site, { serves }: Router, interfaces: readonly Interface[]): NamedSet[] {
  const served = new Set(serves.map(({ nic }) => nic.index))
  const leases = new Set(serves.filter(({ network }) => network.dhcp !== undefined).map(({ nic }) => nic.index))
  const rows: readonly (readonly [string, (one: Interface) => boolean])[] = [
    ['inside', ({ side }) => side === 'inside'],
    ['strict', ({ side, transit }) => side === 'inside' && !transit],
    ['transit', ({ transit }) => transit],
    ['isolated', ({ isolated }) => isolated],
    ['open', ({ side, isolated }) => side === 'inside' && !isolated],
    ['outside', ({ side }) => side === 'outside'],
    ['masqueraded', ({ masqueraded }) => masqueraded],
    ['routed', (one) => isRouted(site, one)],
    ['leases', ({ nic }) => leases.has(nic.index)],
    ['names', ({ nic }) => served.has(nic.index)],
    ['advertised', ({ side, nic }) => side === 'outside' || nic.ipv6 === 'auto'],
  ]
  return rows.map(([name, has]) => ({ name, elements: namesOf(interfaces.filter(has)) }))
}

export function namesOf(interfaces: readonly Pick<Interface, 'name'>[]): string {
  return interfaces.map(({ name }) => `"${name}"`).join(', ')
}

export function addressSets(site: Site, router: Router, interfaces: readonly Interface[]): AddressSet[] {
  const peers = site.bgp?.router === router.guest.name ? site.bgp.peers : []
  const announced = cidrsOf(site.bgp?.announce ?? [])
  const customers = cidrsOf(peers.flatMap(({ relation, prefixes }) => (relation === 'customer' ? prefixes : [])))
  const links = interfaces.filter((one) => isRouted(site, one)).flatMap(({ networks }) => networks)
  const rows: readonly (readonly [string, readonly IpRange[]])[] = [
    ['attached', insideOf(interfaces)],
    ['own', [...homeNetworks(site, interfaces), ...announced]],
    ['known', [...announced, ...customers, ...links]],
    ['private', PRIVATE],
    ['martians', MARTIANS],
    ['nodes', nodesOf(site)],
    ['peers', ipsOf(peers.map(({ address }) => address))],
    ['bfd', ipsOf(peers.filter(({ bfd }) => bfd).map(({ address }) => address))],
  ]
  return rows.flatMap(([name, ranges]) => setsOf(name, toAddresses(ranges)))
}

/** Every address of every node. */
export function nodesOf({ nodes }: Site): IpRange[] {
  return ipsOf(nodes.flatMap(({ address, addresses }) => [address, ...Object.values(addresses).flat()]))
}

function setsOf(name: string, addresses: Addresses): AddressSet[] {
  return ([4, 6] as const).map((family) => ({
    name: `${name}${family}`,
    type: `ipv${family}_addr`,
    elements: addresses[family].join(', '),
  }))
}

function insideOf(interfaces: readonly Interface[]): Cidr[] {
  return interfaces.filter(({ side }) => side === 'inside').flatMap(({ networks }) => networks)
}

/** Where our addresses really are: beside the router, behind others, in the mesh. */
export function homeNetworks(site: Site, interfaces: readonly Interface[]): Cidr[] {
  return [...insideOf(interfaces), ...insideNetworks(site, interfaces), ...cidrsOf([site.mesh?.network])]
}

/**
 * IPv4 goes from there into the world as it is: a provider or peer speaks BGP over IPv4 there, and we announce some. Without, it
 * may be a private network whose gateway translates. Of IPv6 every outside network is so.
 */
function isRouted({ bgp }: Site, { side, masqueraded, foreign }: Interface): boolean {
  const ways = foreign.filter(({ relation, address }) => relation !== 'customer' && parseIp(address)?.family === 4)
  const announces = cidrsOf(bgp?.announce ?? []).some(({ family }) => family === 4)
  return side === 'outside' && !masqueraded && announces && ways.length > 0
}

/** Networks of the site that are not outside of this router: those that it is not in lie behind others. */
function insideNetworks({ networks }: Site, interfaces: readonly Interface[]) {
  const outside = new Set(interfaces.filter(({ side }) => side === 'outside').map(({ network }) => network))
  return cidrsOf(networks.filter(({ name }) => !outside.has(name)).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]))
}
