// Rule: the ranges that K3s takes from the site, by name: `services` and `pods`, networks without a bridge.
import { type Family, formatNetwork, parseCidr } from '../ip.ts'
import type { Finding, Site } from '../site.ts'
import { error } from './verdict.ts'

/** The API server of Kubernetes refuses a service range with more than 20 host bits: /12 for IPv4, /108 for IPv6. */
const WIDEST_SERVICES = { 4: 12, 6: 108 } as const

/** At least four addresses: the first two are the network and the API itself. */
const LONGEST_SERVICES = { 4: 30, 6: 126 } as const

/**
 * Each node takes its own piece of the pod range: /24 by default for IPv4. For IPv6 the default is /64, so that a range of /64
 * would serve one node only; `node-cidr-mask-size-ipv6` can go down to 16 bits below the range. A range up to /112 therefore
 * leaves room for nodes (256 of /120 in the smallest), and orion has to set that mask; a longer one does not.
 */
const LONGEST_PODS = { 4: 24, 6: 112 } as const

export function kubernetesRanges(site: Site): Finding[] {
  const findings: Finding[] = []
  for (const network of site.networks) {
    if (network.bridge !== undefined || (network.name !== 'services' && network.name !== 'pods')) continue
    const limits = network.name === 'services' ? serviceMistake : podMistake
    for (const key of ['ipv4', 'ipv6'] as const) {
      const cidr = parseCidr(network[key] ?? '')
      const mistake = cidr && limits(cidr.family, cidr.prefix, formatNetwork(cidr))
      if (mistake !== undefined) findings.push(error(['networks', network.name, key], mistake))
    }
  }
  return findings
}

function serviceMistake(family: Family, prefix: number, text: string): string | undefined {
  if (prefix < WIDEST_SERVICES[family])
    return `${text} is too wide for services of K3s: /${WIDEST_SERVICES[family]} or longer`
  if (prefix > LONGEST_SERVICES[family])
    return `${text} is too small for services of K3s: /${LONGEST_SERVICES[family]} or shorter`
  return undefined
}

function podMistake(family: Family, prefix: number, text: string): string | undefined {
  if (prefix <= LONGEST_PODS[family]) return undefined
  return `${text} leaves no room for a range of pods per node: /${LONGEST_PODS[family]} or shorter`
}
