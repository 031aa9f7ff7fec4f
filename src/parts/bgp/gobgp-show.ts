// The sessions of a router with GoBGP at the edge, as `orion bgp show` shows those of BIRD.
import { OrionError } from '../../errors.ts'
import { type Facts, type HostFacts, said, wishOf } from '../../resources/host-facts.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import { DRAIN_FILE, drainedOf } from './drain.ts'
import { GOBGP_LOG_FACTS, gobgpErrors } from './gobgp-errors.ts'
import { gobgpCaches, gobgpInvalid, gobgpRouteFacts, gobgpRoutes } from './gobgp-routes.ts'
import { type GobgpNeighbor, gobgpNeighbors, gobgpStateFacts, notAdvertised } from './gobgp-state.ts'
import { hintOf } from './session-hint.ts'
import { isUp, type Session } from './sessions.ts'
import type { BgpPage, PeerRow } from './show.ts'
import { COUNTER_FACTS, type Counters, countersOf } from './tcp-counters.ts'

const [VERSION, CLOCK] = ['gobgp-version', 'router-clock']

/** What must be read for `toGobgpPage`. */
export function gobgpShowFacts(bgp: Bgp): Facts {
  const own: Facts = { files: [DRAIN_FILE], commands: { [VERSION]: ['gobgpd', '--version'], [CLOCK]: ['date', '+%s'] } }
  return wishOf([gobgpStateFacts(bgp), gobgpRouteFacts(bgp), GOBGP_LOG_FACTS, COUNTER_FACTS, own])
}

/** Every peer of the site file in its order, as GoBGP has it; undefined where it did not answer. Pure. */
export function gobgpSessions({ peers }: Pick<Bgp, 'peers'>, seen: HostFacts): readonly Session[] | undefined {
  const neighbors = gobgpNeighbors(seen)
  const errors = gobgpErrors(seen)
  return neighbors && peers.map((peer) => toSession(peer, neighbors.find(isOf(peer)), errors.get(peer.address), seen))
}

const isOf =
  ({ address }: BgpPeer) =>
  (one: GobgpNeighbor) =>
    one.address === address

function toSession(
  peer: BgpPeer,
  one: GobgpNeighbor | undefined,
  logged: string | undefined,
  seen: HostFacts,
): Session {
  if (one === undefined)
    return { peer, state: 'absent', limits: [], capabilities: { local: [], neighbor: [] }, fields: new Map() }
  const { state, since, capabilities, isOverLimit, maxPrefixes } = one
  // GoBGP itself tells only the peer so.
  const error = isOverLimit ? 'BGP Error: Route limit exceeded' : logged
  return {
    peer,
    state,
    ...(since === undefined ? {} : { since: dateOf(since) }),
    ...(error === undefined ? {} : { error }),
    ...(isUp(one) ? { routes: gobgpRoutes(peer, one.received, seen) } : {}),
    limits:
      maxPrefixes === undefined ? [] : [{ kind: 'receive', limit: maxPrefixes, hit: isOverLimit, action: 'disable' }],
    capabilities,
    fields: new Map(),
  }
}

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')

/** Pure, of what was read. Errors: E_HOST_COMMAND where GoBGP did not answer. */
export function toGobgpPage(bgp: Bgp, seen: HostFacts, peer?: string): BgpPage {
  const sessions = refuseSilentGobgp(bgp, seen)
  const version = /version v?(\d\S*)/.exec(said(seen, VERSION) ?? '')?.[1]
  const counters = countersOf(seen)
  const wanted = sessions.filter((session) => peer === undefined || session.peer.name === peer)
  const rows = wanted.map((session) => toRow(bgp, session, seen, counters))
  const found =
    peer === undefined ? undefined : gobgpNeighbors(seen)?.find(({ address }) => address === rows[0]?.address)
  return {
    router: bgp.router,
    daemon: 'gobgp',
    ...(version === undefined ? {} : { version }),
    peers: found === undefined ? rows : rows.map((row) => ({ ...row, details: detailsOf(found) })),
    caches: gobgpCaches(seen),
  }
}

/** Errors: E_HOST_COMMAND where GoBGP did not answer. */
export function refuseSilentGobgp(bgp: Bgp, seen: HostFacts): readonly Session[] {
  const sessions = gobgpSessions(bgp, seen)
  if (sessions !== undefined) return sessions
  throw new OrionError(`GoBGP on ${bgp.router} does not answer`, {
    code: 'E_HOST_COMMAND',
    suggestions: [`on ${bgp.router}, as root: systemctl status orion-gobgp`],
  })
}

function toRow(bgp: Bgp, session: Session, seen: HostFacts, counters: Counters): PeerRow {
  const { peer, state, since, routes, error, limits } = session
  const { name, asn, address, relation } = peer
  const now = Number(said(seen, CLOCK) || Number.NaN)
  const age = since === undefined ? Number.NaN : now - Date.parse(`${since.replace(' ', 'T')}Z`) / 1000
  const rpkiInvalid = routes && gobgpInvalid(peer, seen)
  const hint = hintOf({ asn: bgp.asn, edge: 'gobgp' }, session, counters)
  return {
    ...{ name, asn, address, relation, state },
    ...(since === undefined ? {} : { since }),
    ...(Number.isFinite(age) ? { sinceSeconds: Math.max(0, Math.round(age)) } : {}),
    ...(routes === undefined ? {} : { routes }),
    ...(rpkiInvalid === undefined ? {} : { rpkiInvalid }),
    ...(error === undefined ? {} : { error }),
    ...(hint === undefined ? {} : { hint }),
    draining: drainedOf([name], seen.files.get(DRAIN_FILE)?.text).length > 0,
    limits,
    notAnnounced: isUp(session) ? notAdvertised(bgp, peer, seen) : [],
  }
}

/** Why routes were refused GoBGP does not keep. */
function detailsOf({ localAddress, routerId, holdTime, capabilities }: GobgpNeighbor): NonNullable<PeerRow['details']> {
  return {
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(routerId === undefined ? {} : { routerId }),
    ...(holdTime === undefined ? {} : { holdTimer: String(holdTime) }),
    capabilities,
    refused: [],
  }
}
