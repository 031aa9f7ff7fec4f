// The sessions that BIRD has with the peers of the site file, and the proof that a change left them as they were.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { parseCidr } from '../../site/ip.ts'
import type { Bgp, BgpPeer } from '../../site/services.ts'
import { protocolOf } from './bird-names.ts'
import { parseNetworks } from './birdc.ts'
import { type Limit, type Protocol, parseProtocols } from './birdc-protocols.ts'

const PROTOCOLS = 'bird-protocols'
/** BIRD's own clock, by which its times are. */
export const STATUS = 'bird-status'

export interface Session {
  readonly peer: BgpPeer
  /** As BIRD calls it: `Established`, `Active`, `Connect`, `Idle`, `OpenSent`, `Down`, …; `absent`: BIRD has no such peer. */
  readonly state: string
  /** When it came into this state, as BIRD prints it. */
  readonly since?: string
  /** BIRD's last error, in its words. */
  readonly error?: string
  /** How many; only of an established session. `received` = accepted + filtered. */
  readonly routes?: Routes
  readonly limits: readonly Limit[]
  readonly capabilities: Protocol['capabilities']
  readonly fields: Protocol['fields']
}

export interface Routes {
  readonly received: number
  readonly filtered: number
  readonly accepted: number
  readonly exported: number
}

/** What must be read of the router to know its sessions, and what of ours goes out on them. */
export function sessionFacts({ peers, announce }: Bgp): Facts {
  const exports = peers.flatMap((peer) =>
    announce
      .filter((prefix) => isOfFamily(prefix, peer))
      .map((prefix) => [
        exportName(peer, prefix),
        ['birdc', '-v', 'show', 'route', prefix, 'export', protocolOf(peer.name)],
      ]),
  )
  return {
    commands: {
      [PROTOCOLS]: ['birdc', '-v', 'show', 'protocols', 'all'],
      [STATUS]: ['birdc', '-v', 'show', 'status'],
      ...Object.fromEntries(exports),
    },
  }
}

const exportName = ({ name }: BgpPeer, prefix: string): string => `bird-export ${name} ${prefix}`

const isOfFamily = (prefix: string, { address }: BgpPeer): boolean => prefix.includes(':') === address.includes(':')

/** Pure. Every peer of the site file in its order; undefined where BIRD did not answer. */
export function sessionsOf({ peers }: Pick<Bgp, 'peers'>, seen: HostFacts): readonly Session[] | undefined {
  const text = said(seen, PROTOCOLS)
  if (text === undefined) return undefined
  const protocols = new Map(parseProtocols(text).map((protocol) => [protocol.name, protocol]))
  return peers.map((peer) => toSession(peer, protocols.get(protocolOf(peer.name))))
}

/** The state of every BGP protocol that BIRD has, the site's peer or not, by its name; undefined where BIRD did not answer. Pure. */
export function statesOf(seen: HostFacts): ReadonlyMap<string, string> | undefined {
  const text = said(seen, PROTOCOLS)
  if (text === undefined) return undefined
  return new Map(parseProtocols(text).map((protocol) => [protocol.name, stateOf(protocol)]))
}

const stateOf = ({ fields, state }: Protocol): string => fields.get('BGP state') ?? state

function toSession(peer: BgpPeer, protocol: Protocol | undefined): Session {
  if (protocol === undefined)
    return { peer, state: 'absent', limits: [], capabilities: { local: [], neighbor: [] }, fields: new Map() }
  const { fields, capabilities, channels, since } = protocol
  const state = stateOf(protocol)
  const error = fields.get('Last error')
  const up = channels.filter(({ fields }) => fields.get('State') === 'UP')
  const sum = (kind: 'imported' | 'filtered' | 'exported') =>
    up.reduce((all, { routes }) => all + (routes[kind] ?? 0), 0)
  const [accepted, filtered, exported] = [sum('imported'), sum('filtered'), sum('exported')]
  return {
    peer,
    state,
    since,
    ...(error === undefined ? {} : { error }),
    ...(isUp({ state }) ? { routes: { received: accepted + filtered, filtered, accepted, exported } } : {}),
    limits: channels.flatMap(({ limits }) => limits),
    capabilities,
    fields,
  }
}

export const isUp = ({ state }: Pick<Session, 'state'>): boolean => state === 'Established'

/** Own prefixes of this family that BIRD does not send to a peer. Pure; both with `sessionFacts`. */
export function notExported({ announce }: Pick<Bgp, 'announce'>, peer: BgpPeer, seen: HostFacts): readonly string[] {
  return announce.filter((prefix) => isOfFamily(prefix, peer) && !isExported(peer, prefix, seen))
}

function isExported(peer: BgpPeer, prefix: string, seen: HostFacts): boolean {
  const sent = parseNetworks(said(seen, exportName(peer, prefix)) ?? '')
  return sent.some((network) => isSameNetwork(network, prefix))
}

function isSameNetwork(shown: string, wanted: string): boolean {
  const [a, b] = [parseCidr(shown), parseCidr(wanted)]
  return a !== undefined && b !== undefined && a.first === b.first && a.prefix === b.prefix
}
