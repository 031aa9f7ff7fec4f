// What must be so before another daemon takes over: asked of the router before anything is touched.
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import { edgeOf } from './edge.ts'
import { gobgpNeighbors, notAdvertised } from './gobgp-state.ts'
import { isWriter } from './session-proof.ts'
import { isUp, notExported, sessionsOf } from './sessions.ts'

export type Daemon = Bgp['daemon']

/** Names of peers whose session stands, whoever has it; undefined where the daemon does not answer. Pure. */
export function standing(bgp: Bgp, seen: HostFacts): readonly string[] | undefined {
  return edgeOf(seen) === 'gobgp' ? ofGobgp(bgp, seen, isEstablished) : sessionsOf(bgp, seen)?.filter(isUp).map(nameOf)
}

const nameOf = ({ peer }: { readonly peer: BgpPeer }): string => peer.name
type Neighbor = NonNullable<ReturnType<typeof gobgpNeighbors>>[number]
const isEstablished = ({ state }: Neighbor): boolean => state === 'Established'

function ofGobgp(bgp: Bgp, seen: HostFacts, is: (one: Neighbor) => boolean): readonly string[] | undefined {
  const addresses = gobgpNeighbors(seen)
    ?.filter(is)
    .map(({ address }) => address)
  return addresses && bgp.peers.filter(({ address }) => addresses.includes(address)).map(({ name }) => name)
}

/** Why it cannot be; one line each, [] = nothing stands against it. Pure. */
export function whyNot(bgp: Bgp, to: Daemon, seen: HostFacts): readonly string[] {
  const up = standing(bgp, seen)
  if (up === undefined)
    return [`${edgeOf(seen)} does not answer on ${bgp.router}: a route that nobody has cannot be kept`]
  const none =
    up.length === 0 ? ['no session is established: there is nothing to hand over, and nothing to compare'] : []
  const lacking = bgp.peers.filter(({ name }) => up.includes(name) && !restartsGracefully(bgp, seen, name))
  const lines = lacking.map(
    ({ name }) =>
      `session ${name}: the peer does not take part in graceful restart (RFC 4724), so it would drop our routes meanwhile`,
  )
  return [...none, ...lines, ...(to === 'gobgp' ? bgp.peers.flatMap(beyondGobgp) : [])]
}

function restartsGracefully(bgp: Bgp, seen: HostFacts, name: string): boolean {
  if (edgeOf(seen) === 'gobgp')
    return ofGobgp(bgp, seen, ({ gracefulRestart }) => gracefulRestart)?.includes(name) ?? false
  const session = sessionsOf(bgp, seen)?.find(({ peer }) => peer.name === name)
  const has = (list: readonly string[] = []) => list.some((one) => /^Graceful restart\b/.test(one))
  return has(session?.capabilities.local) && has(session?.capabilities.neighbor)
}

/** What the site file asks for and GoBGP does not have. */
function beyondGobgp({ name, bfd, requireRole, authentication, password }: BgpPeer): readonly string[] {
  return [
    ...(bfd
      ? [`session ${name}: GoBGP has no BFD; its end would end the session (bfd: false, then orion bgp apply)`]
      : []),
    ...(requireRole ? [`session ${name}: GoBGP knows no roles (RFC 9234), so requireRole cannot be kept`] : []),
    ...(password !== undefined && authentication === 'tcp-ao' ? [`session ${name}: GoBGP has no TCP-AO`] : []),
  ]
}

/** What is worse than before now that `to` shall be at the edge; [] = it stands. Pure. */
export function worse(bgp: Bgp, to: Daemon, before: readonly string[], after: HostFacts): readonly string[] {
  if (edgeOf(after) !== to) return [`${edgeOf(after)} is at the edge, not ${to}`]
  const now = standing(bgp, after)
  if (now === undefined) return [`${to} does not answer`]
  const lost = before.filter((name) => !now.includes(name)).map((name) => `session ${name} is not established again`)
  const silent = bgp.peers
    .filter(({ name }) => now.includes(name))
    .flatMap((peer) => unsaid(bgp, to, peer, after).map((prefix) => `${prefix} is not announced to ${peer.name}`))
  // It writes the kernel's routes: without it the router forgets them.
  const unwritten = to === 'gobgp' && !isWriter(after) ? ['BIRD does not have the routes of GoBGP yet'] : []
  return [...lost, ...silent, ...unwritten]
}

function unsaid(bgp: Bgp, to: Daemon, peer: BgpPeer, seen: HostFacts): readonly string[] {
  return to === 'gobgp' ? notAdvertised(bgp, peer, seen) : notExported(bgp, peer, seen)
}
