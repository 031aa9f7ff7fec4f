// Rule: no address twice, over guests, nodes, BMCs, DHCP ranges, gateways and the mesh together.
import { formatIp, parseIp } from '../ip.ts'
import type { Finding, Site } from '../site.ts'
import { addressClaims, type Claim } from './address-claim.ts'
import { collisions } from './interval.ts'
import { error } from './verdict.ts'

/**
 * Told at the one that stands later in the site file, and once per pair: where two guests share an IPv4 address, the IPv6
 * address computed from it is shared too, and that is the same mistake.
 */
export function addressUse(site: Site): Finding[] {
  const claims = addressClaims(site)
  const told = new Set<string>()
  const findings: Finding[] = []
  for (const [earlier, later] of [...twice(claims), ...insideRanges(claims, site)]) {
    const pair = JSON.stringify([earlier.owner, later.owner])
    if (told.has(pair)) continue
    told.add(pair)
    findings.push(error(later.path, describe(earlier, later)))
  }
  return findings
}

function describe(earlier: Claim, later: Claim): string {
  if (later.kind === 'address' && earlier.kind === 'range')
    return `${formatIp(later.family, later.first)} lies in ${earlier.owner}`
  if (earlier.kind === 'address' && later.kind === 'range')
    return `the range holds ${formatIp(earlier.family, earlier.first)} of ${earlier.owner}`
  if (earlier.kind === 'range') return `the range overlaps ${earlier.owner}`
  return `${formatIp(later.family, later.first)} is taken by ${earlier.owner}`
}

function twice(claims: readonly Claim[]): [Claim, Claim][] {
  const taken = new Map<string, Claim>()
  const found: [Claim, Claim][] = []
  for (const claim of claims) {
    if (claim.kind === 'range') continue
    const key = `${claim.family}/${claim.first}`
    const earlier = taken.get(key)
    if (earlier === undefined) taken.set(key, claim)
    else if (earlier.holder !== claim.holder) found.push([earlier, claim])
  }
  return found
}

/** Addresses within DHCP ranges, and ranges that overlap. Single addresses among themselves are the matter of `twice`. */
function insideRanges(claims: readonly Claim[], site: Site): [Claim, Claim][] {
  return collisions([...claims, ...gatewayClaims(site)])
    .filter(({ earlier, later }) => earlier.kind === 'range' || later.kind === 'range')
    .map(({ earlier, later }) => [earlier, later])
}

/** A gateway is some guest's or some router's own address, so it may stand twice; it may only not be leased to others. */
function gatewayClaims(site: Site): Claim[] {
  return site.networks.flatMap(({ name, gateway }): Claim[] => {
    const ip = gateway === undefined ? undefined : parseIp(gateway)
    if (ip === undefined) return []
    const owner = `networks.${name}.gateway`
    return [{ ...ip, order: -1, kind: 'address', holder: owner, owner, path: ['networks', name, 'gateway'] }]
  })
}
