// Which networks lead out of the site.
import { contains, parseCidr, parseIp } from '../ip.ts'
import type { BgpPeer } from '../services.ts'
import type { Finding, Site } from '../site.ts'

/** Names of networks that are masqueraded, or that a NIC of the BGP router is in together with a peer that is not our own. */
export function outsideNetworks(site: Site): ReadonlySet<string> {
  const peers = (site.bgp?.peers ?? []).filter(({ relation }) => relation !== 'internal')
  return new Set([...(site.firewall?.masquerade ?? []), ...peers.flatMap((peer) => networksOfPeer(site, peer))])
}

/** Names of the networks of the BGP router that a peer stands in; none where it is further away, or where only a lease would tell. */
export function networksOfPeer(site: Site, { address }: BgpPeer): string[] {
  const ip = parseIp(address)
  const router = site.guests.find(({ name }) => name === site.bgp?.router)
  if (ip === undefined || router === undefined) return []
  const near = router.nics.filter(({ network: name, ipv4, ipv6 }) => {
    const network = site.networks.find((each) => each.name === name)
    const own = [ipv4, ipv6].map((each) => (typeof each === 'object' ? each.cidr : undefined))
    const cidrs = [...own, network?.ipv4, network?.ipv6].flatMap((text) => parseCidr(text ?? '') ?? [])
    return cidrs.some((cidr) => contains(cidr, ip))
  })
  return near.map(({ network }) => network)
}

/**
 * False where a mistake of the site file may hide a network that leads out: a peer that was left out or whose address is wrong,
 * a masquerade that leads nowhere. A rule about what is outside would then say what is not so.
 */
export function isOutsideKnown({ bgp }: Site, findings: readonly Finding[]): boolean {
  return !findings.some(({ severity, path: [part, key, , field] }) => {
    if (severity === 'warning') return false
    if (part === 'firewall') return key === 'masquerade'
    return part === 'bgp' && (bgp === undefined || key === 'router' || (key === 'peers' && field === 'address'))
  })
}
