// dnsmasq's configuration from the site file. What a value may be is the schema's matter; names of interfaces are checked by services.ts.
import { template } from '../../render.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import { formatIp, parseCidr, parseIp } from '../../site/ip.ts'
import type { Network, Site } from '../../site/site.ts'
import { interfaceName, type Router, type RouterNic } from './router.ts'
import { reverseZones, staticAddress } from './site-names.ts'

interface View {
  readonly interfaces: readonly string[]
  readonly hosts: string
  readonly domain: string
  readonly reverse: readonly string[]
  readonly upstream: string
  /** Networks whose clients give themselves no names. */
  readonly nameless: readonly string[]
  readonly leases: readonly Lease[]
  readonly prefixes: readonly Prefix[]
}

interface Lease {
  readonly tag: string
  readonly first: string
  readonly last: string
  readonly mask: string
  readonly router: string
  /** `,ADDRESS,…`, or nothing: no server is told. */
  readonly servers: string
  readonly mtu: string
  readonly hosts: readonly { readonly mac: string; readonly name: string }[]
}

interface Prefix {
  readonly tag: string
  readonly name: string
  readonly network: string
  readonly servers: string
  readonly mtu: string
  /** Seconds for which clients take the router as their way out; 0 = they do not. */
  readonly lifetime: number
}

const SLAAC_PREFIX = 64
const LIFETIME_SECONDS = 1800

const render = template<View>('router/dnsmasq')

export function dnsmasqText(site: Site, router: Router, seen: HostFacts): string {
  const { serves } = router
  const lifetime = hasWayOut6(site, router) ? LIFETIME_SECONDS : 0
  return render({
    interfaces: serves.map((place) => interfaceName(seen, place)),
    hosts: '/etc/orion/hosts',
    domain: site.domain ?? '',
    reverse: reverseZones(site, router),
    upstream: upstreamOf(seen),
    nameless: serves.filter(({ network }) => network.isolated).map(({ network }) => network.name),
    leases: serves.flatMap((place) => leaseOf(site, place)),
    prefixes: serves.flatMap((place) => prefixOf(place, interfaceName(seen, place), lifetime)),
  })
}

/** Where systemd-resolved writes /etc/resolv.conf that file names itself: the servers behind it stand elsewhere. */
function upstreamOf(seen: HostFacts): string {
  const file = seen.files.get('/etc/resolv.conf')
  const isResolved = file?.kind === 'link' && file.text.includes('/systemd/resolve/')
  return isResolved ? '/run/systemd/resolve/resolv.conf' : ''
}

/** Guests that take their address from the range are known by their MAC, so that their names are theirs. */
function leaseOf({ guests }: Site, { nic, network }: RouterNic): Lease[] {
  const own = typeof nic.ipv4 === 'object' ? parseCidr(nic.ipv4.cidr) : undefined
  if (network.dhcp === undefined || own === undefined) return []
  const router = formatIp(4, own.address)
  const clients = guests.flatMap(({ name, nics }) =>
    nics
      .filter((one) => one.network === network.name && one.ipv4 === 'dhcp')
      .map(({ mac }) => ({ mac: mac.toLowerCase(), name })),
  )
  return [
    {
      tag: network.name,
      ...network.dhcp,
      mask: formatIp(4, (1n << 32n) - (1n << BigInt(32 - own.prefix))),
      router,
      servers: serversOf(network, 4, router),
      mtu: network.mtu === undefined ? '' : String(network.mtu),
      hosts: clients,
    },
  ]
}

/** SLAAC needs a /64 (RFC 4862 5.5.3 with RFC 4291 2.5.1); hosts of another network have the addresses that they are given. */
function prefixOf({ nic, network }: RouterNic, name: string, lifetime: number): Prefix[] {
  const own = typeof nic.ipv6 === 'object' ? parseCidr(nic.ipv6.cidr) : undefined
  if (own?.prefix !== SLAAC_PREFIX) return []
  const [router = ''] = staticAddress(nic.ipv6)
  return [
    {
      tag: network.name,
      name,
      network: formatIp(6, own.first),
      servers: serversOf(network, 6, router),
      mtu: network.mtu === undefined ? '' : `mtu:${network.mtu},`,
      lifetime,
    },
  ]
}

/** The network's own name servers where the site file names some, else the router. */
function serversOf({ dns }: Network, family: 4 | 6, router: string): string {
  const named = dns.flatMap((text) => parseIp(text) ?? []).filter((ip) => ip.family === family)
  const servers = dns.length === 0 ? [router] : named.map((ip) => formatIp(family, ip.first))
  return servers.map((server) => (family === 4 ? `,${server}` : `,[${server}]`)).join('')
}

/** Does the router know a way for IPv6 packets out of the site? */
function hasWayOut6({ bgp }: Site, { guest, nics }: Router): boolean {
  if (bgp?.router === guest.name && bgp.announce.some((cidr) => parseCidr(cidr)?.family === 6)) return true
  return nics.some(({ nic: { ipv6 } }) => ipv6 === 'auto' || (typeof ipv6 === 'object' && ipv6.gateway !== undefined))
}
