// Rule: BGP speakers have an id, AS numbers that fit their relation and addresses of their own, and are who their name says.
import { formatIp, parseIp } from '../ip.ts'
import type { BgpPeer } from '../services.ts'
import type { Finding, Site } from '../site.ts'
import { holderContradiction } from './as-holder.ts'
import { error, warning } from './verdict.ts'

export function bgp(site: Site): Finding[] {
  if (site.bgp === undefined) return []
  const { asn, peers, routerId } = site.bgp
  const findings = ownAsn(asn, peers)
  // RFC 6286, section 2.1
  if (routerId === '0.0.0.0')
    findings.push(error(['bgp', 'routerId'], '0.0.0.0 is no id: take an IPv4 address of ours'))
  const taken = new Map<string, string>()
  for (const peer of peers) {
    findings.push(...asNumber(peer, asn))
    const earlier = taken.get(sessionKey(peer))
    if (earlier === undefined) taken.set(sessionKey(peer), peer.name)
    else
      findings.push(error(['bgp', 'peers', peer.name, 'address'], `${peer.address} is taken by bgp.peers.${earlier}`))
  }
  return findings
}

function sessionKey({ address, localAddress }: BgpPeer): string {
  const value = parseIp(address)
  return `${value === undefined ? address : formatIp(value.family, value.first)} ${localAddress ?? ''}`
}

/** Ranges that nobody may show to a provider, and numbers that are nobody's at all (IANA AS number registry). */
const PRIVATE: readonly (readonly [number, number])[] = [
  [64512, 65534], // RFC 6996
  [4200000000, 4294967294],
]
const RESERVED: readonly (readonly [number, number])[] = [
  [64496, 64511], // RFC 5398, as the next
  [65536, 65551],
  [65552, 131071], // not yet given out
]
const UNUSABLE: readonly number[] = [0, 23456, 65535, 4294967295] // RFC 7607, RFC 6793, RFC 7300

/** `private` or `reserved`, or undefined for an AS number that can stand in the internet. */
export function specialAsn(asn: number): 'private' | 'reserved' | undefined {
  const within = (ranges: readonly (readonly [number, number])[]) =>
    ranges.some(([first, last]) => asn >= first && asn <= last)
  if (UNUSABLE.includes(asn) || within(RESERVED)) return 'reserved'
  return within(PRIVATE) ? 'private' : undefined
}

function ownAsn(asn: number, peers: readonly BgpPeer[]): Finding[] {
  const path = ['bgp', 'asn']
  if (UNUSABLE.includes(asn)) return [error(path, `AS${asn} is reserved: no router may have it`)]
  const special = specialAsn(asn)
  const provider = peers.find(({ relation }) => relation === 'provider')
  if (special === undefined || provider === undefined) return []
  return [error(path, `AS${asn} is ${special}, and bgp.peers.${provider.name} is a provider`)]
}

function asNumber({ name, asn, relation }: BgpPeer, own: number): Finding[] {
  const path = ['bgp', 'peers', name, 'asn']
  const special = specialAsn(asn)
  if (UNUSABLE.includes(asn)) return [error(path, `AS${asn} is reserved: no router may have it`)]
  if (relation === 'provider' && special !== undefined)
    return [error(path, `AS${asn} is ${special}, and ${name} is a provider`)]
  if (relation !== 'internal' && special === 'reserved')
    return [error(path, `AS${asn} is reserved, and routes with it in their path are refused`)]
  if (relation === 'internal' && asn !== own)
    return [error(path, `AS${asn} is not our own AS${own}, and ${name} is internal`)]
  if (relation !== 'internal' && asn === own)
    return [error(path, `AS${asn} is our own: the relation of ${name} is internal`)]
  const contradiction = holderContradiction(asn, name)
  if (contradiction === undefined) return []
  return [warning(path, `AS${asn} is ${contradiction.holder}, not ${contradiction.named}`)]
}
