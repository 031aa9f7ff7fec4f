// The guests that route: their NICs with the networks on them, which of them lead outside, and what their interfaces are called inside.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { type Cidr, contains, parseCidr, parseIp } from '../../site/ip.ts'
import type { Guest, Network, Nic, Site } from '../../site/site.ts'

export interface RouterNic {
  readonly nic: Nic
  readonly network: Network
  /** `outside`: masqueraded, or a provider or peer of BGP stands there. */
  readonly side: 'inside' | 'outside'
}

export interface Router {
  readonly guest: Guest
  readonly nics: readonly RouterNic[]
  /** Networks that name it as their router: it answers DHCP, DNS and router solicitations there. */
  readonly serves: readonly RouterNic[]
}

/** Facts that everything about a router needs. */
export const ROUTER_FACTS: Facts = {
  // By a program: the file is a link, which is not read through.
  commands: { 'node-name': ['uname', '-n'], links: ['ip', '-j', 'link'], 'os-release': ['cat', '/etc/os-release'] },
}

/** Guests that route, by the site file's own words, in the order of its guests. */
export function routersOf(site: Site): readonly Router[] {
  const names = new Set([site.bgp?.router, site.firewall?.router, ...site.networks.map(({ router }) => router)])
  return site.guests.filter(({ name, kind }) => names.has(name) && kind === 'vm').map((guest) => routerOf(site, guest))
}

function routerOf(site: Site, guest: Guest): Router {
  const nics = guest.nics.flatMap((nic): RouterNic[] => {
    const network = site.networks.find(({ name }) => name === nic.network)
    return network === undefined ? [] : [{ nic, network, side: sideOf(site, guest.name, { nic, network }) }]
  })
  return { guest, nics, serves: nics.filter(({ network }) => network.router === guest.name) }
}

/** The networks of a NIC: of its own addresses, and of the network that it is in. */
export function networksOf({ nic, network }: Pick<RouterNic, 'nic' | 'network'>): readonly Cidr[] {
  const own = [nic.ipv4, nic.ipv6].map((address) => (typeof address === 'object' ? address.cidr : undefined))
  return [...own, network.ipv4, network.ipv6].flatMap((text) => parseCidr(text ?? '') ?? [])
}

function sideOf(site: Site, router: string, place: Pick<RouterNic, 'nic' | 'network'>): RouterNic['side'] {
  const { firewall, bgp } = site
  if (firewall?.router === router && firewall.masquerade.includes(place.network.name)) return 'outside'
  const foreign = bgp?.router === router ? bgp.peers.filter(({ relation }) => relation !== 'internal') : []
  const peers = foreign.flatMap(({ address }) => parseIp(address) ?? [])
  return networksOf(place).some((cidr) => peers.some((peer) => contains(cidr, peer))) ? 'outside' : 'inside'
}

/**
 * The name of a NIC inside of the guest, by its MAC address. Before the guest was seen (a plan of what does not exist yet)
 * the name that systemd gives it on Proxmox VE's default machine type: `ens18` for net0.
 */
export function interfaceName(seen: HostFacts, { nic }: RouterNic): string {
  return linksOf(seen).get(nic.mac.toLowerCase()) ?? `ens${18 + nic.index}`
}

/** NICs of the site file that the guest does not have (yet): adding one is for `orion vm apply`. */
export function missingNics(seen: HostFacts, { nics }: Pick<Router, 'nics'>): readonly RouterNic[] {
  const links = linksOf(seen)
  return nics.filter(({ nic }) => !links.has(nic.mac.toLowerCase()))
}

/** `bookworm`, `trixie`; undefined where it is not said. */
export function debianRelease(seen: HostFacts): string | undefined {
  return /^VERSION_CODENAME=(\w+)$/m.exec(said(seen, 'os-release') ?? '')?.[1]
}

/** Lower-case MAC address → name. */
function linksOf(seen: HostFacts): ReadonlyMap<string, string> {
  const rows = JSON.parse(said(seen, 'links') ?? '[]') as readonly { ifname: string; address?: string }[]
  return new Map(rows.flatMap(({ ifname, address }) => (address === undefined ? [] : [[address, ifname] as const])))
}
