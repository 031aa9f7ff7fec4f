// A probe for each session of a router, whichever daemon holds it. What all of them read, other probes of the router read as well.
import { bgpSession, type SeenSession } from '../../probes/bgp-session.ts'
import type { Outside, Probe } from '../../resource.ts'
import { guestHost } from '../../resources/guest-host.ts'
import { type HostFacts, READ_AT, readFacts, said } from '../../resources/host-facts.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { routerWish } from '../router/facts.ts'
import type { Router } from '../router/router.ts'
import { parseStatus } from './birdc.ts'
import { DRAIN_FILE, drainedOf } from './drain.ts'
import { gobgpSessions } from './gobgp-show.ts'
import { notAdvertised } from './gobgp-state.ts'
import { hintOf } from './session-hint.ts'
import { notExported, type Session, STATUS, sessionsOf } from './sessions.ts'
import { secondsBetween } from './show.ts'
import { countersOf } from './tcp-counters.ts'

export function sessionProbes(site: Site, router: Router): readonly Probe[] {
  const { bgp } = site
  const { guest } = router
  if (bgp?.router !== guest.name) return []
  const wish = routerWish(site, router)
  const read = async (outside: Outside) => readFacts(await guestHost(site, guest, outside), wish)
  return bgp.peers.map((peer) =>
    bgpSession(guest.name, peer.name, async (outside) => seenSession(bgp, peer, await read(outside))),
  )
}

/** Pure; undefined where the daemon of the site file does not answer. */
function seenSession(bgp: Bgp, peer: BgpPeer, seen: HostFacts): SeenSession | undefined {
  const draining = drainedOf([peer.name], seen.files.get(DRAIN_FILE)?.text).length > 0
  const { asn, daemon } = bgp
  const isGobgp = daemon === 'gobgp'
  const all = isGobgp ? gobgpSessions(bgp, seen) : sessionsOf(bgp, seen)
  const session = all?.find((one) => one.peer.name === peer.name)
  if (session === undefined) return undefined
  const { state, error } = session
  const hint = hintOf({ asn, edge: daemon }, session, countersOf(seen))
  const since = isGobgp ? utcOf(session) : sinceOf(session, seen)
  return {
    state,
    ...(error === undefined ? {} : { error }),
    ...(hint === undefined ? {} : { hint }),
    ...(since === undefined ? {} : { since }),
    missing: isGobgp ? notAdvertised(bgp, peer, seen) : notExported(bgp, peer, seen),
    draining,
    limits: reachedOf(session),
  }
}

/** BIRD tells times by its own clock, in the router's time zone: only how long ago that is means anything elsewhere. */
function sinceOf({ since }: Session, seen: HostFacts): string | undefined {
  const seconds = secondsBetween(since, parseStatus(said(seen, STATUS) ?? '')?.time)
  const readAt = Number(said(seen, READ_AT) || Number.NaN)
  return seconds === undefined || Number.isNaN(readAt) ? undefined : new Date(1000 * (readAt - seconds)).toISOString()
}

/** GoBGP tells it in UTC. */
function utcOf({ since }: Session): string | undefined {
  const ms = Date.parse(`${since?.replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** BIRD 2 forgets with every reconfiguration that it leaves routes out: then only their number tells that there may be more. */
function reachedOf({ limits, routes }: Session): NonNullable<SeenSession['limits']> {
  const isFull = ({ kind, limit }: (typeof limits)[number]) => kind === 'import' && (routes?.accepted ?? 0) >= limit
  return limits.filter((one) => one.hit || isFull(one)).map(({ kind, limit, hit }) => ({ kind, limit, exceeded: hit }))
}
