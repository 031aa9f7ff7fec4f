// What GoBGP says of itself (`gobgp -j`), as far as orion needs it; a password that it would tell never leaves the router.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { formatNetwork, parseCidr } from '../../site/ip.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import { asRecord, parseJson } from './gobgp-json.ts'

/** Its interface is a socket for root. */
export const GOBGP = ['gobgp', '--target', 'unix:///run/gobgp/api.sock']
const NEIGHBORS = 'gobgp-neighbors'
// Versions 3 and 4 spell the key in two ways; both print the password itself.
const NEIGHBORS_PROGRAM = `set -o noglob; all=$(${GOBGP.join(' ')} neighbor -j) || exit
printf '%s\\n' "$all" | sed -E 's/("auth_?[pP]assword": *)"([^"\\\\]|\\\\.)*"/\\1""/g'`

export interface GobgpNeighbor {
  readonly address: string
  /** `Established`, `Active`, …, and `Down` where it is disabled. */
  readonly state: string
  /** Seconds since the epoch when the session came up. */
  readonly since?: number
  /** Routes that it sent. What of them is used is in the table alone (gobgp-routes.ts). */
  readonly received: number
  /** It sent more than the limit, and GoBGP has ended the session for good. */
  readonly isOverLimit: boolean
  readonly maxPrefixes?: number
  readonly localAddress?: string
  readonly routerId?: string
  /** Seconds. */
  readonly holdTime?: number
  readonly capabilities: { readonly local: readonly string[]; readonly neighbor: readonly string[] }
  /** Both ends keep the other's routes while it restarts (RFC 4724). */
  readonly gracefulRestart: boolean
}

/** Facts for the functions below. */
export function gobgpStateFacts(bgp: Bgp): Facts {
  const out = bgp.peers.flatMap((peer) =>
    announced(bgp, peer).map((prefix) => [
      outName(peer, prefix),
      [...GOBGP, 'neighbor', peer.address, 'adj-out', '-a', prefix.includes(':') ? 'ipv6' : 'ipv4', prefix, '-j'],
    ]),
  )
  return { commands: { [NEIGHBORS]: ['sh', '-c', NEIGHBORS_PROGRAM], ...Object.fromEntries(out) } }
}

const outName = ({ name }: BgpPeer, prefix: string): string => `gobgp-out ${name} ${prefix}`

function announced({ announce }: Bgp, { address }: BgpPeer): readonly string[] {
  return announce.filter((prefix) => prefix.includes(':') === address.includes(':'))
}

/** undefined where GoBGP did not answer. Pure. */
export function gobgpNeighbors(seen: HostFacts): readonly GobgpNeighbor[] | undefined {
  const text = said(seen, NEIGHBORS)
  if (text === undefined) return undefined
  const list = parseJson(text)
  return Array.isArray(list) ? list.flatMap(toNeighbor) : undefined
}

/** Own prefixes that GoBGP does not send to a peer. Pure. */
export function notAdvertised(bgp: Bgp, peer: BgpPeer, seen: HostFacts): readonly string[] {
  const sent = advertised(bgp, peer, seen).map(({ prefix }) => prefix)
  return announced(bgp, peer).filter((prefix) => !sent.includes(prefix))
}

export interface Advertised {
  readonly prefix: string
  /** Numbers of 32 bits. */
  readonly communities: readonly number[]
  /** Of one to an internal peer. */
  readonly preference?: number
}

/** Own prefixes that GoBGP sends to a peer. Pure. */
export function advertised(bgp: Bgp, peer: BgpPeer, seen: HostFacts): readonly Advertised[] {
  return announced(bgp, peer).flatMap((prefix) => {
    const cidr = parseCidr(prefix)
    const table = Object.entries(asRecord(parseJson(said(seen, outName(peer, prefix)) ?? '')))
    const paths = table.find(([shown]) => {
      const one = parseCidr(shown)
      return one !== undefined && cidr !== undefined && formatNetwork(one) === formatNetwork(cidr)
    })?.[1]
    return paths === undefined ? [] : [toAdvertised(prefix, paths)]
  })
}

/** By the types of attributes: 5 the local preference (RFC 4271), 8 communities (RFC 1997). */
function toAdvertised(prefix: string, paths: unknown): Advertised {
  const attributes = (Array.isArray(paths) ? paths : []).flatMap((path) => asRecord(path).attrs ?? []).map(asRecord)
  const find = (wanted: number) => attributes.find(({ type }) => type === wanted)
  const communities = find(8)?.communities
  return {
    prefix,
    communities: Array.isArray(communities) ? communities.map(Number) : [],
    ...optionalNumber('preference', find(5)?.value),
  }
}

// Numbers of version 3; version 4 has words.
const STATES = ['Unknown', 'Idle', 'Connect', 'Active', 'OpenSent', 'OpenConfirm', 'Established']

function toNeighbor(value: unknown): GobgpNeighbor[] {
  const { state: shown, conf, timers, transport, afi_safis: families } = asRecord(value)
  const state = asRecord(shown)
  const address = state.neighbor_address ?? asRecord(conf).neighbor_address
  if (typeof address !== 'string') return []
  const { session_state: session, admin_state: admin } = state
  const name = nameOf(session)
  const { uptime, negotiated_hold_time: hold } = asRecord(asRecord(timers).state)
  const lists = (Array.isArray(families) ? families : []).map(asRecord)
  const sum = (values: readonly unknown[]) => values.reduce<number>((all, one) => all + Number(one ?? 0), 0)
  const restart = (one: Record<string, unknown>) => asRecord(asRecord(one.mp_graceful_restart).state)
  const isUp = name === 'Established'
  return [
    {
      address,
      state: isDisabled(admin) ? 'Down' : name,
      ...optionalNumber('since', isUp ? (asRecord(uptime).seconds ?? uptime) : undefined),
      ...optionalNumber('holdTime', isUp ? hold : undefined),
      ...optionalNumber('maxPrefixes', sum(lists.map((one) => asRecord(one.prefix_limits).max_prefixes)) || undefined),
      ...optionalText('localAddress', asRecord(transport).local_address),
      ...optionalText('routerId', state.router_id),
      received: sum(lists.map((one) => asRecord(one.state).received)),
      isOverLimit: admin === 2 || /PFX_CT$/.test(String(admin)),
      gracefulRestart: lists.some((one) => restart(one).received === true && restart(one).advertised === true),
      capabilities: { local: capabilitiesOf(state.local_cap), neighbor: isUp ? capabilitiesOf(state.remote_cap) : [] },
    },
  ]
}

function optionalNumber<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: number } {
  const number = value === undefined ? Number.NaN : Number(value)
  return (Number.isFinite(number) ? { [key]: number } : {}) as { readonly [K in Key]?: number }
}

function optionalText<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  return (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { readonly [K in Key]?: string }
}

/** `…/apipb.GracefulRestartCapability` → `Graceful restart`. */
function capabilitiesOf(list: unknown): readonly string[] {
  const types = (Array.isArray(list) ? list : []).map((one) => String(asRecord(one).type_url ?? asRecord(one)['@type']))
  const names = types.flatMap((type) => /\.(?!Unknown)(\w+)Capability$/.exec(type)?.[1] ?? [])
  const words = names.map((name) => name.replace(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`))
  return [...new Set(words)].sort()
}

function nameOf(session: unknown): string {
  if (typeof session === 'number' || session === undefined) return STATES[session ?? 0] ?? 'Unknown'
  const word = String(session)
    .replace(/^SESSION_STATE_/, '')
    .toLowerCase()
  return STATES.find((state) => state.toLowerCase() === word) ?? 'Unknown'
}

function isDisabled(admin: unknown): boolean {
  return admin === 1 || admin === 'DOWN' || admin === 'ADMIN_STATE_DOWN'
}
