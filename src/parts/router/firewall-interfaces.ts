// The router's interfaces as its firewall sees them, and the addresses on each side of it.
import type { HostFacts } from '../../resources/host-facts.ts'
import { type Cidr, contains, formatIp, formatNetwork, type IpRange, parseCidr, parseIp } from '../../site/ip.ts'
import type { BgpPeer } from '../../site/services.ts'
import type { Nic, Site } from '../../site/site.ts'
import { interfaceName, networksOf, type Router, type RouterNic } from './router.ts'

export interface Interface {
  readonly name: string
  readonly nic: Nic
  /** Name of its network. */
  readonly network: string
  /** Where the site file names nothing as outside, that is where the router has its default route from. */
  readonly side: RouterNic['side']
  readonly isolated: boolean
  readonly masqueraded: boolean
  /** A BGP speaker of our own stands there: packets of the whole world may come from it. */
  readonly transit: boolean
  /** BGP speakers of others that stand there. */
  readonly foreign: readonly BgpPeer[]
  /** Nobody but customers is behind it, so that their addresses are all that can come from there. */
  readonly downstream: boolean
  readonly networks: readonly Cidr[]
  /** What really stands on the wire: those of these that the router has an address in, and the site's own machines in the others. */
  readonly neighbors: readonly (Cidr | IpRange)[]
}

/** Addresses by family, as nftables spells them. */
export type Addresses = Readonly<Record<4 | 6, readonly string[]>>

export const NOWHERE: Addresses = { 4: [], 6: [] }

/** In the order of the guest's NICs. */
export function interfacesOf(site: Site, router: Router, seen: HostFacts): readonly Interface[] {
  const { firewall, bgp } = site
  const peers = bgp?.router === router.guest.name ? bgp.peers : []
  const named = router.nics.some(({ side }) => side === 'outside')
  return router.nics.map((place) => {
    const networks = networksOf(place)
    const side = !named && isUplink(place, router) ? 'outside' : place.side
    const masqueraded = firewall?.masquerade.includes(place.network.name) ?? false
    const there = peers.filter(({ address }) => isWithin(networks, address))
    const foreign = there.filter(({ relation }) => relation !== 'internal')
    const isCustomers = foreign.length > 0 && foreign.every(({ relation }) => relation === 'customer')
    return {
      name: interfaceName(seen, place),
      nic: place.nic,
      network: place.network.name,
      side,
      isolated: side === 'inside' && place.network.isolated,
      masqueraded,
      transit: side === 'inside' && there.some(({ relation }) => relation === 'internal'),
      foreign,
      downstream: isCustomers && !masqueraded && !isUplink(place, router),
      networks,
      neighbors: [...networks.filter((cidr) => hasAddress(place, cidr)), ...machinesIn(site, place, networks)],
    }
  })
}

/** One that it is given there lies in its network. */
function hasAddress({ nic }: RouterNic, cidr: Cidr): boolean {
  const address = cidr.family === 4 ? nic.ipv4 : nic.ipv6
  return typeof address === 'object' ? isWithin([cidr], address.cidr.split('/')[0] ?? '') : address !== undefined
}

/** Static addresses of nodes and guests in the network of this NIC. */
function machinesIn({ nodes, guests }: Site, { network }: RouterNic, networks: readonly Cidr[]): IpRange[] {
  const ofGuests = guests.flatMap(({ nics }) => nics.filter((nic) => nic.network === network.name)).flatMap(staticOf)
  const ofNodes = nodes.flatMap(({ addresses }) => addresses[network.name] ?? [])
  return ipsOf([...ofNodes, ...ofGuests].filter((address) => isWithin(networks, address)))
}

function staticOf({ ipv4, ipv6 }: Nic): string[] {
  return [ipv4, ipv6].flatMap((one) => (typeof one === 'object' ? [one.cidr.split('/')[0] ?? ''] : []))
}

function isWithin(networks: readonly Cidr[], address: string): boolean {
  const ip = parseIp(address)
  return ip !== undefined && networks.some((cidr) => contains(cidr, ip))
}

/** It gets its address there, or has a gateway there. */
function isUplink({ nic: { ipv4, ipv6 }, network }: RouterNic, { guest }: Router): boolean {
  if (network.router === guest.name) return false
  return [ipv4, ipv6].some((one) => (typeof one === 'object' ? one.gateway !== undefined : one !== undefined))
}

/** Each range once, without those that another one holds; sets of nftables refuse overlaps. CIDRs nest or are apart. */
export function toAddresses(ranges: readonly (IpRange | Cidr)[]): Addresses {
  const apart = ranges.filter(
    (one, at) => !ranges.some((other, index) => contains(other, one) && (!contains(one, other) || index < at)),
  )
  const spelled = (family: 4 | 6) => apart.filter((one) => one.family === family).map(spell)
  return { 4: spelled(4), 6: spelled(6) }
}

function spell(one: IpRange | Cidr): string {
  return 'prefix' in one && one.first !== one.last ? formatNetwork(one) : formatIp(one.family, one.first)
}

export function cidrsOf(texts: readonly (string | undefined)[]): Cidr[] {
  return texts.flatMap((text) => parseCidr(text ?? '') ?? [])
}

export function ipsOf(texts: readonly (string | undefined)[]): IpRange[] {
  return texts.flatMap((text) => parseIp(text ?? '') ?? [])
}

/** `ip saddr { … }`. */
export function match(family: 4 | 6, field: 'saddr' | 'daddr', addresses: readonly string[]): string {
  return `${family === 4 ? 'ip' : 'ip6'} ${field} ${anyOf(addresses)}`
}

export function anyOf(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `{ ${values.join(', ')} }`
}

/** Lines for the families that there are addresses of. */
export function bothFamilies(
  addresses: Addresses,
  { before, field, verdict }: { readonly before: string; readonly field: 'saddr' | 'daddr'; readonly verdict: string },
): string[] {
  const families = ([4, 6] as const).filter((family) => addresses[family].length > 0)
  return families.map((family) => `${before} ${match(family, field, addresses[family])} ${verdict}`)
}
