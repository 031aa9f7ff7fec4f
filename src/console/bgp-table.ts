// The tables of `orion bgp show`: the sessions of the router, what is wrong with them and what to do, and the RPKI caches.
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, indent } from './text.ts'

export interface PeerLine {
  readonly name: string
  readonly asn: number
  readonly address: string
  readonly relation: string
  readonly state: string
  readonly since?: string
  readonly sinceSeconds?: number
  readonly routes?: {
    readonly received: number
    readonly filtered: number
    readonly accepted: number
    readonly exported: number
  }
  readonly rpkiInvalid?: number
  readonly error?: string
  readonly hint?: string
  readonly draining: boolean
  readonly limits: readonly LimitLine[]
  readonly notAnnounced: readonly string[]
}

export interface LimitLine {
  readonly kind: 'receive' | 'import' | 'export'
  readonly limit: number
  readonly hit: boolean
  readonly action?: string
}

export interface CacheLine {
  readonly name: string
  readonly address: string
  readonly port: string
  readonly state: string
  readonly roas: number
}

export interface PageLines {
  readonly router: string
  readonly daemon?: 'bird' | 'gobgp'
  /** Of the daemon. */
  readonly version?: string
  readonly peers: readonly PeerLine[]
  readonly caches: readonly CacheLine[]
}

/** Pure. Ends without a line feed. */
export function renderBgp(page: PageLines, look: Look): string {
  const { router, version, peers, caches } = page
  const head = getPaint(look).bold(
    `${clean(router)}${version === undefined ? '' : `  ${nameOf(page)} ${clean(version)}`}`,
  )
  const remarks = alike(peers).flatMap(([first, ...same]) => renderRemarks(page, first, look, same))
  return [
    head,
    peers.length === 0 ? 'No peers.' : renderTable(peerColumns, peers, look),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
    ...(caches.length === 0 ? [] : ['', renderTable(cacheColumns, caches, look)]),
  ].join('\n')
}

/** Those of whom the very same is said, together: a daemon without its configuration has none of them. */
function alike(peers: readonly PeerLine[]): readonly (readonly [PeerLine, ...PeerLine[]])[] {
  const groups = new Map<string, [PeerLine, ...PeerLine[]]>()
  for (const peer of peers) {
    const { name, state, error, hint } = peer
    const key = isUp(peer) ? name : JSON.stringify([state, error, hint])
    const group = groups.get(key)
    if (group) group.push(peer)
    else groups.set(key, [peer])
  }
  return [...groups.values()]
}

/** Of the daemon, for people. */
export const nameOf = ({ daemon = 'bird' }: Pick<PageLines, 'daemon'>): string =>
  ({ bird: 'BIRD', gobgp: 'GoBGP' })[daemon]

export const isUp = ({ state }: Pick<PeerLine, 'state'>): boolean => state === 'Established'

/** `draining` for a session that stands and from which traffic is asked away. */
export const stateOf = (peer: PeerLine): string => (peer.draining && isUp(peer) ? 'draining' : peer.state)

export function colourOf(peer: PeerLine): 'green' | 'yellow' | 'red' | 'dim' {
  if (peer.state === 'absent') return 'dim'
  if (!isUp(peer)) return 'red'
  return peer.draining ? 'yellow' : 'green'
}

const number = (value: number | undefined): string => (value === undefined ? '-' : String(value))

const peerColumns: readonly Column<PeerLine>[] = [
  { head: 'PEER', get: ({ name }) => name, whole: true },
  { head: 'STATE', get: stateOf, colour: colourOf },
  { head: 'SINCE', get: ({ sinceSeconds, since }) => getAge(sinceSeconds) ?? since ?? '-', right: true },
  { head: 'RECEIVED', get: ({ routes }) => number(routes?.received), right: true },
  { head: 'FILTERED', get: ({ routes }) => number(routes?.filtered), right: true },
  { head: 'ACCEPTED', get: ({ routes }) => number(routes?.accepted), right: true },
  { head: 'EXPORTED', get: ({ routes }) => number(routes?.exported), right: true },
  {
    head: 'RPKI',
    get: getRpki,
    right: true,
    colour: ({ rpkiInvalid = 0 }) => (rpkiInvalid > 0 ? 'yellow' : undefined),
  },
]

const cacheColumns: readonly Column<CacheLine>[] = [
  {
    head: 'RPKI CACHE',
    get: ({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`),
  },
  { head: 'STATE', get: ({ state }) => state, colour: ({ state }) => (state === 'Established' ? 'green' : 'red') },
  { head: 'ROAS', get: ({ roas }) => String(roas), right: true },
]

/** Routes that it calls invalid, all of them refused. */
function getRpki({ rpkiInvalid }: PeerLine): string {
  return rpkiInvalid === undefined ? '-' : rpkiInvalid === 0 ? 'ok' : `${rpkiInvalid} bad`
}

/** `12 s`, `5 min`, `3 h`, `2 d`. */
function getAge(seconds: number | undefined): string | undefined {
  if (seconds === undefined || seconds < 60) return seconds === undefined ? undefined : `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** What is not as it should be with one session: the daemon's words, and what to do. `same`: others that are down in the same way. */
export function renderRemarks(
  page: Pick<PageLines, 'daemon'>,
  peer: PeerLine,
  look: Look,
  same: readonly PeerLine[] = [],
): string[] {
  const paint = getPaint(look)
  const { error, hint, limits, notAnnounced } = peer
  const name = [peer, ...same].map((one) => one.name).join(', ')
  const head = (mark: string, text: string) => indent(`${name}: ${text}`, `${mark} `, look.width)
  const bad = isUp(peer) ? [] : head('✖', error ?? (peer.state === 'absent' ? `not in ${nameOf(page)}` : peer.state))
  const hit = isUp(peer) ? limits.filter((limit) => limit.hit) : []
  const warnings = [
    ...hit.flatMap((limit) =>
      head('!', `the ${limit.kind} limit of ${count(limit.limit, 'route')} is reached${getAction(limit)}`),
    ),
    ...(notAnnounced.length === 0 ? [] : head('!', `not announced: ${notAnnounced.join(', ')}`)),
  ]
  return [
    ...bad.map((line) => paint.red(line)),
    ...(hint === undefined ? [] : indent(hint, '  Try: ', look.width).map((line) => paint.cyan(line))),
    ...warnings.map((line) => paint.yellow(line)),
  ]
}

function getAction({ action }: LimitLine): string {
  return action === 'block' ? ', and no more is taken' : ''
}
