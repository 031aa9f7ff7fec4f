// The names that a router's DNS knows: all guests and nodes of the site with the addresses that the site file gives them.
import { template } from '../../render.ts'
import { type Cidr, formatIp, parseCidr, parseIp } from '../../site/ip.ts'
import type { Guest, Nic, NicAddress, Site } from '../../site/site.ts'
import { networksOf, type Router } from './router.ts'

const render = template<{ readonly rows: readonly { readonly address: string; readonly names: string }[] }>(
  'router/hosts',
)

/** Text in the form of hosts(5). Addresses toward the outside are left out for the router, whom inside calls by its inside ones. */
export function hostsText(site: Site, router: Router): string {
  return render({
    rows: [
      ...site.nodes.flatMap(({ name, address, addresses }) => {
        const own = [address, ...Object.values(addresses).flat()].flatMap(plainAddress)
        return rowsOf(own, namesOf(site, name))
      }),
      ...site.guests.flatMap((guest) =>
        rowsOf(
          addressesOf(guest.name === router.guest.name ? insideOf(router) : guest.nics),
          namesOfGuest(site, router, guest),
        ),
      ),
    ],
  })
}

function rowsOf(addresses: readonly string[], names: string) {
  return names === '' ? [] : [...new Set(addresses)].map((address) => ({ address, names }))
}

function namesOf({ domain }: Site, name: string): string {
  return domain === undefined ? name : `${name}.${domain} ${name}`
}

/** A guest with a lease of its name: where hosts(5) has the short name, too, dnsmasq (2.90, 2.91) no longer knows it by its MAC. */
function namesOfGuest(site: Site, { serves }: Router, { name, nics }: Guest): string {
  const served = new Set(serves.map(({ network }) => network.name))
  if (!nics.some(({ ipv4, network }) => ipv4 === 'dhcp' && served.has(network))) return namesOf(site, name)
  return site.domain === undefined ? '' : `${name}.${site.domain}`
}

function insideOf({ nics }: Router): readonly Nic[] {
  return nics.filter(({ side }) => side === 'inside').map(({ nic }) => nic)
}

function addressesOf(nics: readonly Nic[]): string[] {
  return nics.flatMap(({ ipv4, ipv6 }) => [...staticAddress(ipv4), ...staticAddress(ipv6)])
}

/** A NIC's own address without its prefix length; none where it is given by others. */
export function staticAddress(address: NicAddress | 'auto' | undefined): readonly string[] {
  const cidr = typeof address === 'object' ? parseCidr(address.cidr) : undefined
  return cidr === undefined ? [] : [formatIp(cidr.family, cidr.address)]
}

/** A node may be called by a name that resolves elsewhere: that is no address to give out. */
function plainAddress(text: string): readonly string[] {
  const ip = parseIp(text)
  return ip === undefined ? [] : [formatIp(ip.family, ip.first)]
}

/**
 * Zones of the addresses behind the router that nobody else answers for, where they end at a label (RFC 1035 3.5, RFC 3596 2.5):
 * `100.168.192.in-addr.arpa`.
 */
export function reverseZones(site: Site, router: Router): readonly string[] {
  const outside = router.nics.filter(({ side }) => side === 'outside')
  const foreign = new Set(outside.flatMap((place) => networksOf(place).map(zoneOf)))
  const own = site.networks.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((text) => parseCidr(text ?? '') ?? []))
  const zones = own.map(zoneOf).filter((zone) => zone !== undefined && !foreign.has(zone))
  return [...new Set(zones)].filter((zone) => zone !== undefined)
}

function zoneOf({ family, first, prefix }: Cidr): string | undefined {
  const [bits, radix, width, suffix] =
    family === 4 ? ([8, 10, 32, 'in-addr.arpa'] as const) : ([4, 16, 128, 'ip6.arpa'] as const)
  if (prefix === 0 || prefix % bits !== 0) return undefined
  const labels = Array.from({ length: prefix / bits }, (_, at) =>
    ((first >> BigInt(width - prefix + at * bits)) % (1n << BigInt(bits))).toString(radix),
  )
  return [...labels, suffix].join('.')
}
