// Rule: a router that hides others behind its address knows where out is.
import { parseIp } from '../ip.ts'
import type { Finding, NicAddress, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { outsideNetworks } from './outside.ts'
import { error, guestPath, warning } from './verdict.ts'

/**
 * What is masqueraded leaves by a default route: of a gateway, or of BGP. One by another network would lead past the firewall, so
 * it is not taken (shape/gateway.ts).
 */
export function wayOut(site: Site): Finding[] {
  const { guests, firewall, bgp } = site
  const router = byName(guests).get(firewall?.router ?? bgp?.router ?? '')
  if (router === undefined || router.nics.some(({ ipv4 }) => hasGateway(ipv4))) return []
  const outside = outsideNetworks(site)
  const out = router.nics.filter(({ network, ipv4 }) => ipv4 !== undefined && outside.has(network))
  const peers = bgp?.router === router.name ? bgp.peers.filter(({ relation }) => relation !== 'internal') : []
  if (peers.some(({ address }) => parseIp(address)?.family === 4)) {
    if (out.length === 0 || router.nics.some(({ ipv6 }) => hasGateway(ipv6))) return []
    const message = `guests.${router.name} has no gateway: until BGP brings a way out it cannot fetch its packages`
    return [warning(['bgp', 'router'], message)]
  }
  return out
    .filter(({ network }) => firewall?.masquerade.includes(network))
    .map(({ network }) => {
      const message = `guests.${router.name} masquerades behind ${network}, and no gateway leads out of it: name networks.${network}.gateway`
      return error(guestPath(router, 'nics', network), message)
    })
}

/** What is not written (DHCP, router advertisements) comes with one. */
function hasGateway(address: NicAddress | 'auto' | undefined): boolean {
  return typeof address === 'object' ? address.gateway !== undefined : address !== undefined
}
