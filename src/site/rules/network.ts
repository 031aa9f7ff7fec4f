// Rule: the networks of a site do not overlap, and their own addresses (gateways, DHCP ranges) lie in them.
import {
  type Cidr,
  contains,
  formatIp,
  formatNetwork,
  type IpRange,
  isLinkLocal,
  isNetworkAddress,
  parseCidr,
  parseIp,
} from '../ip.ts'
import type { Finding, Network, Path, Site } from '../site.ts'
import { dhcpRange } from './address-claim.ts'
import { collisions } from './interval.ts'
import { error } from './verdict.ts'

export function networks(site: Site): Finding[] {
  const findings: Finding[] = []
  const ranges: (Cidr & { readonly order: number; readonly network: string; readonly path: Path })[] = []
  for (const network of site.networks) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      const cidr = parseCidr(network[family] ?? '')
      if (cidr === undefined) continue
      const path = ['networks', network.name, family]
      ranges.push({ ...cidr, order: ranges.length, network: network.name, path })
    }
    findings.push(...gateways(network), ...dhcp(network))
  }
  for (const { earlier, later } of collisions(ranges)) {
    const message = `${formatNetwork(later)} overlaps ${formatNetwork(earlier)} (network ${earlier.network})`
    findings.push(error(later.path, message))
  }
  return findings
}

/**
 * What is wrong with an address as a host's address of a network, as a sentence, or undefined. `name` is the network's.
 * Example: `192.168.101.1 is not in 192.168.100.0/24 (network lan)`.
 */
export function hostMistake(host: IpRange, network: Cidr, name: string): string | undefined {
  const address = host.first
  const text = formatIp(host.family, address)
  if (!contains(network, host)) return `${text} is not in ${formatNetwork(network)} (network ${name})`
  if (!isNetworkAddress(network, address)) return undefined
  const what = address === network.first ? 'the network itself' : 'the broadcast address'
  return `${text} is ${what} of ${formatNetwork(network)} (network ${name}), not a host`
}

function gateways(network: Network): Finding[] {
  const findings: Finding[] = []
  for (const [key, text, cidrText] of [
    ['gateway', network.gateway, network.ipv4],
    ['gateway6', network.gateway6, network.ipv6],
  ] as const) {
    const gateway = parseIp(text ?? '')
    if (gateway === undefined || isLinkLocal(gateway.first, gateway.family)) continue
    const cidr = parseCidr(cidrText ?? '')
    const mistake =
      cidr === undefined
        ? `${text} has no network of its family here (network ${network.name})`
        : hostMistake(gateway, cidr, network.name)
    if (mistake !== undefined) findings.push(error(['networks', network.name, key], mistake))
  }
  return findings
}

function dhcp({ name, dhcp: leases, ipv4 }: Network): Finding[] {
  if (leases === undefined) return []
  const path = ['networks', name, 'dhcp']
  const range = dhcpRange(leases)
  if (range === undefined) return []
  const cidr = parseCidr(ipv4 ?? '')
  if (cidr === undefined) return [error(path, `network ${name} has DHCP and no IPv4 network`)]
  const mistake =
    hostMistake({ ...range, last: range.first }, cidr, name) ?? hostMistake({ ...range, first: range.last }, cidr, name)
  return mistake === undefined ? [] : [error(path, mistake)]
}
