// Rule: the options of a BGP session fit its relation and the daemon, and somebody says what a customer may announce.
import type { BgpPeer } from '../services.ts'
import type { Finding, Site } from '../site.ts'
import { error, warning } from './verdict.ts'

export function bgpSessions({ bgp }: Site): Finding[] {
  if (bgp === undefined) return []
  return bgp.peers.flatMap((peer) => [
    ...internal(peer),
    ...routeServer(peer),
    ...filters(peer),
    ...(bgp.daemon === 'gobgp' ? missingInGobgp(peer) : []),
  ])
}

const pathOf = ({ name }: BgpPeer, key: string) => ['bgp', 'peers', name, key]

/** GTSM guards against who is far away (RFC 5082), roles are about other networks (RFC 9234, section 4): neither is for our own. */
function internal(peer: BgpPeer): Finding[] {
  if (peer.relation !== 'internal') return []
  const keys = ['ttlSecurity', 'requireRole'] as const
  return keys
    .filter((key) => peer[key])
    .map((key) => error(pathOf(peer, key), `${key} is for peers outside, and ${peer.name} is internal: leave it out`))
}

function routeServer(peer: BgpPeer): Finding[] {
  if (!peer.routeServer || peer.relation === 'peer') return []
  return [
    error(pathOf(peer, 'routeServer'), `a route server is a peer, and ${peer.name} is ${peer.relation}: leave it out`),
  ]
}

/** A provider sends everything; a customer that may announce anything can take over any address (RFC 7454, section 6.2). */
function filters(peer: BgpPeer): Finding[] {
  const { name, relation, asSet, prefixes } = peer
  const isFiltered = asSet !== undefined || prefixes.length > 0
  const key = asSet === undefined ? 'prefixes' : 'asSet'
  if (relation === 'provider' && isFiltered)
    return [
      warning(pathOf(peer, key), `only these routes are taken, and ${name} is a provider: the rest is not reached`),
    ]
  if (relation === 'customer' && !isFiltered)
    return [
      error(['bgp', 'peers', name], 'is a customer, and nothing says what it may announce: add asSet or prefixes'),
    ]
  if (relation === 'peer' && !isFiltered)
    return [warning(['bgp', 'peers', name], 'may announce anything: add asSet or prefixes')]
  return []
}

/** GoBGP 3.36 (Debian 13) has no BFD, no roles and no TCP-AO. */
function missingInGobgp(peer: BgpPeer): Finding[] {
  const say = (key: keyof BgpPeer, what: string) =>
    error(pathOf(peer, key), `GoBGP has no ${what}: leave it out, or say daemon: bird`)
  return [
    ...(peer.bfd ? [say('bfd', 'BFD')] : []),
    ...(peer.requireRole ? [say('requireRole', 'roles (RFC 9234)')] : []),
    ...(peer.authentication === 'tcp-ao' ? [say('authentication', 'TCP-AO')] : []),
  ]
}
