// Rule: an IPv6 network lies inside an announced prefix; what is announced is well formed and not too small to travel.
import { type Cidr, contains, formatNetwork, parseCidr, parseIp } from '../ip.ts'
import type { Finding, Site } from '../site.ts'
import { error, warning } from './verdict.ts'

/** The shortest and the longest prefixes that networks take from each other (RFC 7454, section 6.1.3). */
const LENGTHS = { 4: { shortest: 8, longest: 24 }, 6: { shortest: 16, longest: 48 } } as const

export function announcement(site: Site): Finding[] {
  return [...networksAnnounced(site), ...announced(site)]
}

/**
 * Only global unicast (2000::/3): ULA and link-local are never announced. A network that a BGP peer stands in is the transit
 * network; where it is the provider's, it is the provider who announces it.
 */
function networksAnnounced(site: Site): Finding[] {
  const prefixes = (site.bgp?.announce ?? [])
    .flatMap((text) => parseCidr(text) ?? [])
    .filter(({ family }) => family === 6)
  const peers = (site.bgp?.peers ?? []).flatMap(({ address }) => parseIp(address) ?? [])
  const findings: Finding[] = []
  for (const { name, ipv6 } of site.networks) {
    const cidr = parseCidr(ipv6 ?? '')
    if (cidr === undefined || !isGlobal(cidr) || prefixes.some((prefix) => contains(prefix, cidr))) continue
    if (peers.some((peer) => contains(cidr, peer))) continue
    const path = ['networks', name, 'ipv6']
    const all = prefixes.map(formatNetwork).join(', ')
    if (prefixes.length > 0)
      findings.push(error(path, `${formatNetwork(cidr)} is not inside an announced prefix (${all})`))
    else findings.push(warning(path, `${formatNetwork(cidr)} is global, and nothing is announced that holds it`))
  }
  return findings
}

function isGlobal(cidr: Cidr): boolean {
  return cidr.family === 6 && cidr.first >> 125n === 1n
}

function announced(site: Site): Finding[] {
  const toProvider = site.bgp?.peers.some(({ relation }) => relation === 'provider') ?? false
  return (site.bgp?.announce ?? []).flatMap((text, index): Finding[] => {
    const path = ['bgp', 'announce', index]
    const cidr = parseCidr(text)
    if (cidr === undefined) return []
    const { shortest, longest } = LENGTHS[cidr.family]
    if (cidr.prefix < shortest)
      return [error(path, `${text} is wider than any network is (/${shortest}): write the prefix that is yours`)]
    if (toProvider && isIn(cidr, PRIVATE)) return [error(path, `${text} is private: no provider takes it`)]
    if (toProvider && isNobodys(cidr)) return [error(path, `${text} is nobody’s: no provider takes it`)]
    return cidr.prefix > longest
      ? [warning(path, `${text} is longer than /${longest}: most networks will not take it`)]
      : []
  })
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fe80::/10']
const NOBODYS = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3']

/** Of IPv6 all that is not global unicast. */
function isNobodys(cidr: Cidr): boolean {
  return cidr.family === 6 ? !isGlobal(cidr) : isIn(cidr, NOBODYS)
}

function isIn(cidr: Cidr, ranges: readonly string[]): boolean {
  return ranges.some((text) => {
    const range = parseCidr(text)
    return range !== undefined && contains(range, cidr)
  })
}
