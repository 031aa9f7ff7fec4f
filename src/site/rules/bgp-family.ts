// Rule: a BGP session carries routes of the family of its address alone, so there are routes of that family to carry.
import { type Family, parseCidr, parseIp } from '../ip.ts'
import type { BgpPeer } from '../services.ts'
import type { Finding, Site } from '../site.ts'
import { warning } from './verdict.ts'

export function bgpFamilies({ bgp }: Site): Finding[] {
  if (bgp === undefined) return []
  const announced = new Set(bgp.announce.map((text) => parseCidr(text)?.family))
  return bgp.peers.flatMap((peer) => {
    const family = parseIp(peer.address)?.family
    if (family === undefined || announced.size === 0 || announced.has(family)) return []
    if (bgp.peers.some((other) => parseIp(other.address)?.family === family && areTold(peer, other))) return []
    return [idle(peer, family)]
  })
}

/** Routes of one are told to the other: what a customer is one end of, and what is ours with what is not. */
function areTold(one: BgpPeer, other: BgpPeer): boolean {
  if (one === other) return false
  const relations = [one.relation, other.relation]
  const internal = relations.filter((relation) => relation === 'internal').length
  return internal === 1 || (internal === 0 && relations.includes('customer'))
}

function idle({ name }: BgpPeer, family: Family): Finding {
  const other = family === 4 ? 6 : 4
  return warning(
    ['bgp', 'peers', name, 'address'],
    `a session over IPv${family} carries IPv${family} alone, and nothing of it is announced: add one with an IPv${other} address of ${name}`,
  )
}
