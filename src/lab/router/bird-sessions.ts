// What the world outside of a router is like: every neighbour that can be reached speaks BGP, and has routes as such a neighbour has.
import { isInside } from '../host/addresses.ts'
import { networkOf } from '../host/links.ts'
import type { HostState } from '../host/state.ts'
import { channelOf, passesOn, type SessionChannel, sumOf } from './bird-channels.ts'
import { asnIn } from './bird-check.ts'
import type { BirdConfig, BirdProtocol } from './bird-config.ts'
import { addressOf, meet, neighbourOf, type Relation, relationOf, valueIn } from './neighbours.ts'

export interface BgpSession {
  readonly protocol: BirdProtocol
  readonly address: string
  readonly local: string
  readonly asn: string
  readonly localAsn: string
  readonly relation: Relation
  readonly isUp: boolean
  /** Why not. */
  readonly error?: string
  readonly channels: readonly SessionChannel[]
  /** How many routes of others are told to it. */
  readonly passedOn: number
}

/** All BGP protocols with their state, in the order of the configuration. */
export function bgpSessions(host: HostState, config: BirdConfig): readonly BgpSession[] {
  const protocols = config.protocols.filter(({ type }) => type === 'bgp')
  const sessions = protocols.map((protocol) => sessionOf(host, config, protocol))
  const standing = sessions.filter(({ isUp, protocol: { name } }) => isUp && !host.bird?.disabled?.includes(name))
  return sessions.map((one) => ({ ...one, passedOn: passedOnTo(config, one, standing) }))
}

/** Neighbours that can be reached are known from now on. */
export function meetNeighbours(host: HostState, config: BirdConfig): void {
  for (const protocol of config.protocols)
    if (protocol.type === 'bgp' && unreachable(host, protocol) === undefined) meet(host, config, protocol)
}

function sessionOf(host: HostState, config: BirdConfig, protocol: BirdProtocol): Omit<BgpSession, 'passedOn'> {
  const { statements } = protocol
  const address = addressOf(protocol)
  const asn = asnIn(statements, 'neighbor', config.defines) ?? ''
  const localAsn = asnIn(statements, 'local', config.defines) ?? ''
  const who = neighbourOf(host, config, protocol)
  const families = statements.flatMap((one) => (one === 'ipv4' ? [4 as const] : one === 'ipv6' ? [6 as const] : []))
  const channels = families.map((family) =>
    channelOf(config, protocol, family, who.routes[family] ?? { good: 0, bad: {} }),
  )
  const stranger =
    who.asn !== asn ? 'BGP Error: Bad peer AS' : who.knowsUsAs !== localAsn ? 'Received: Bad peer AS' : undefined
  const error = unreachable(host, protocol) ?? stranger ?? tooMuch(channels)
  const own = valueIn(statements, /^local ([0-9a-fA-F.:]+) /) ?? ownAddress(host, address)
  return {
    protocol,
    address,
    asn,
    localAsn,
    relation: relationOf(config, protocol),
    local: own ?? (address.includes(':') ? '::' : '0.0.0.0'),
    isUp: error === undefined,
    ...(error === undefined ? {} : { error }),
    channels,
  }
}

/** A limit that ends the session. */
function tooMuch(channels: readonly SessionChannel[]): string | undefined {
  const isOver = channels.some(({ limits }) =>
    limits.some(({ hit, action }) => hit && /^(disable|restart)$/.test(action)),
  )
  return isOver ? 'Automatic shutdown: Route limit exceeded' : undefined
}

/** Providers and peers have much the same networks; those of customers come on top. */
function passedOnTo(
  config: BirdConfig,
  { protocol, channels }: Pick<BgpSession, 'protocol' | 'channels'>,
  standing: readonly Omit<BgpSession, 'passedOn'>[],
): number {
  const passes = passesOn(config, protocol)
  const from = standing.filter((one) => one.protocol !== protocol && passes(one.relation))
  const counts = (isCustomer: boolean) =>
    from
      .filter(({ relation }) => (relation === 'customer') === isCustomer)
      .map((one) => sumOf(one.channels.filter(isIn(channels)).map(({ imported }) => imported)))
  return Math.max(0, ...counts(false)) + sumOf(counts(true))
}

const isIn = (channels: readonly SessionChannel[]) => (one: SessionChannel) =>
  channels.some(({ family }) => family === one.family)

function networks(host: HostState): { readonly cidr: string; readonly name: string }[] {
  const links = [...networkOf(host, host.applied).links.values()]
  return links.flatMap(({ name, addresses }) => addresses.map((cidr) => ({ cidr, name })))
}

function ownAddress(host: HostState, neighbor: string): string | undefined {
  return networks(host)
    .find(({ cidr }) => isInside(neighbor, cidr))
    ?.cidr.split('/')[0]
}

/** Where BIRD says `on ens18` of a neighbour. */
export function interfaceTo(host: HostState, neighbor: string): string {
  return networks(host).find(({ cidr }) => isInside(neighbor, cidr))?.name ?? 'ens18'
}

/** Why nobody answers at the address of a session. */
function unreachable(host: HostState, protocol: BirdProtocol): string | undefined {
  const address = addressOf(protocol)
  // Nobody but a program on the router itself could answer at its own address.
  if (networks(host).some(({ cidr }) => cidr.split('/')[0] === address)) return 'Socket: Connection refused'
  const isFar = protocol.statements.some((one) => one.startsWith('multihop')) || /^fe80:/i.test(address)
  return ownAddress(host, address) !== undefined || isFar ? undefined : 'Invalid next hop'
}
