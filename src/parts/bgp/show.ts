// The sessions of the router as `orion bgp show` shows them: one round trip, each session with what to do about it.
import type { Outside } from '../../resource.ts'
import { guestHost } from '../../resources/guest-host.ts'
import { type HostFacts, said, wishOf } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { bgpOf, guestOf, refuseSilence } from './bgp-router.ts'
import { parseBfd, parseStatus } from './birdc.ts'
import type { Limit } from './birdc-protocols.ts'
import { type CacheRow, cachesOf } from './caches.ts'
import { DRAIN_FILE, drainedOf } from './drain.ts'
import { EDGE_FILE, edgeOf } from './edge.ts'
import { gobgpShowFacts, toGobgpPage } from './gobgp-show.ts'
import { type Refusal, refusalFacts, refusalsOf, refusedFor } from './refusals.ts'
import { hintOf } from './session-hint.ts'
import { notExported, type Routes, type Session, STATUS, sessionFacts } from './sessions.ts'
import { COUNTER_FACTS, type Counters, countersOf } from './tcp-counters.ts'

export interface PeerRow {
  readonly name: string
  readonly asn: number
  readonly address: string
  readonly relation: string
  /** As the daemon calls it; `absent`: it has no such peer. */
  readonly state: string
  /** By the router's clock, and how long ago that is; seconds. */
  readonly since?: string
  readonly sinceSeconds?: number
  readonly routes?: Routes
  /** Routes refused because RPKI calls them invalid; undefined where routes are not validated. */
  readonly rpkiInvalid?: number
  readonly error?: string
  /** What to do where it is not established. */
  readonly hint?: string
  /** Traffic is asked away from it (RFC 8326). */
  readonly draining: boolean
  readonly limits: readonly Limit[]
  /** Own prefixes that are not announced to it, although it is established. */
  readonly notAnnounced: readonly string[]
  /** Only where one peer was asked for. */
  readonly details?: PeerDetails
}

export interface PeerDetails {
  readonly localAddress?: string
  readonly routerId?: string
  readonly holdTimer?: string
  readonly bfd?: string
  readonly capabilities: Session['capabilities']
  readonly refused: readonly Refusal[]
}

export interface BgpPage {
  readonly router: string
  /** Who speaks to the peers now. */
  readonly daemon: Bgp['daemon']
  /** Of it. */
  readonly version?: string
  readonly peers: readonly PeerRow[]
  readonly caches: readonly CacheRow[]
}

const BFD = 'bird-bfd'

/** Errors: E_USAGE where the site has no BGP or no such peer; E_HOST_COMMAND where the daemon does not answer; those of the host. */
export async function readBgp(site: Site, outside: Outside, peer?: string): Promise<BgpPage> {
  const bgp = bgpOf(site, peer)
  const host = await guestHost(site, guestOf(site, bgp), outside)
  const both = { bird: wishFor(bgp, peer), gobgp: wishOf([gobgpShowFacts(bgp), { files: [EDGE_FILE] }]) }
  // Somebody else than the site file's speaks only in the middle of a migration.
  const seen = await host.read(both[bgp.daemon])
  const edge = edgeOf(seen)
  const rest = edge === bgp.daemon ? seen : await host.read(both[edge])
  return edge === 'gobgp' ? toGobgpPage(bgp, rest, peer) : toPage(bgp, rest, peer)
}

function wishFor(bgp: Bgp, peer: string | undefined) {
  const names = bgp.rpki === undefined ? [] : bgp.peers.map(({ name }) => name)
  const own = {
    files: [DRAIN_FILE, EDGE_FILE],
    commands: {
      [BFD]: ['birdc', '-v', 'show', 'bfd', 'sessions'],
    },
  }
  const invalid = names.map((name) => refusalFacts(bgp.asn, name, ['rpki-invalid']))
  const all = peer === undefined ? [] : [refusalFacts(bgp.asn, peer)]
  return wishOf([sessionFacts(bgp), COUNTER_FACTS, own, ...invalid, ...all])
}

/** Pure, of what was read. Errors: E_HOST_COMMAND where BIRD did not answer. */
export function toPage(bgp: Bgp, seen: HostFacts, peer?: string): BgpPage {
  const sessions = refuseSilence(bgp, seen)
  const status = parseStatus(said(seen, STATUS) ?? '')
  const counters = countersOf(seen)
  const drained = drainedOf(
    bgp.peers.map(({ name }) => name),
    seen.files.get(DRAIN_FILE)?.text,
  )
  const about = { bgp, seen, counters, drained, time: status?.time }
  const wanted = sessions.filter(({ peer: { name } }) => peer === undefined || name === peer)
  const rows = wanted.map((session) => toRow(session, about))
  return {
    router: bgp.router,
    daemon: 'bird',
    ...(status === undefined ? {} : { version: status.version }),
    peers: peer === undefined ? rows : rows.map((row, at) => ({ ...row, ...detailsOf(seen, wanted[at]) })),
    caches: cachesOf(seen),
  }
}

interface About {
  readonly bgp: Bgp
  readonly seen: HostFacts
  readonly counters: Counters
  readonly drained: readonly string[]
  readonly time: string | undefined
}

function toRow(session: Session, { bgp, seen, counters, drained, time }: About): PeerRow {
  const { peer, state, since, routes, error, limits } = session
  const { name, asn, address, relation } = peer
  const optional = {
    since,
    sinceSeconds: secondsBetween(since, time),
    routes,
    rpkiInvalid: routes === undefined ? undefined : refusedFor(seen, name, 'rpki-invalid'),
    error,
    hint: hintOf(bgp, session, counters),
  }
  return {
    ...{ name, asn, address, relation, state },
    ...withoutUndefined(optional),
    draining: drained.includes(name),
    limits,
    notAnnounced: routes === undefined ? [] : notExported(bgp, peer, seen),
  }
}

function withoutUndefined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

/** Both by the same clock, `2026-01-31 14:03:21`; undefined where BIRD prints times in another way. */
export function secondsBetween(start: string | undefined, end: string | undefined): number | undefined {
  const [from, to] = [start, end].map((text) => Date.parse(`${text?.slice(0, 19).replace(' ', 'T')}Z`))
  return Number.isFinite(from) && Number.isFinite(to)
    ? Math.max(0, Math.round(((to ?? 0) - (from ?? 0)) / 1000))
    : undefined
}

function detailsOf(seen: HostFacts, session: Session | undefined): { details?: PeerDetails } {
  if (session === undefined) return {}
  const { fields, capabilities, peer } = session
  const fieldsOf = {
    localAddress: fields.get('Source address'),
    routerId: fields.get('Neighbor ID'),
    holdTimer: fields.get('Hold timer'),
  }
  const bfd = parseBfd(said(seen, BFD) ?? '').find(({ address }) => address === peer.address)?.state
  const details = { ...withoutUndefined({ ...fieldsOf, bfd }), capabilities, refused: refusalsOf(seen, peer.name) }
  return { details }
}
