// GoBGP in the shadow: BIRD plays every peer on a loopback address, and what GoBGP takes and would tell is compared with what BIRD does.
import { template } from '../../render.ts'
import type { Family } from '../../site/ip.ts'
import { formatIp, parseCidr } from '../../site/ip.ts'
import type { BirdModel, PeerModel } from './bird-model.ts'
import { addressText, protocolOf } from './bird-names.ts'
import { LENGTHS, MOST_HOPS } from './bogons.ts'
import { SHADOW, shadowAddress } from './gobgp-edge.ts'

export const SHADOW_FOLDER = '/run/orion-shadow'
/** Beside BIRD's own file, as it includes others from there; it is never read at a start. */
export const SHADOW_BIRD = '/etc/bird/orion-shadow.conf'

interface Canary {
  readonly name: string
  readonly family: Family
  readonly prefix: string
  /** AS numbers, the first one first. */
  readonly path: readonly number[]
}

interface BirdView {
  readonly statics: readonly { readonly family: number; readonly prefixes: readonly string[] }[]
  readonly peers: readonly {
    readonly protocol: string
    readonly edge: string
    readonly family: number
    readonly address: string
    readonly asn: number
    readonly asnHere: number
    readonly internal: boolean
    readonly nextHop: string
    readonly canaries: readonly { readonly prefix: string; readonly path: readonly number[] }[]
  }[]
  readonly shadow: { readonly address: string; readonly port: number }
}

const renderBird = template<BirdView>('gobgp/shadow-bird')
const renderProgram = template<object>('gobgp/shadow')

/** What BIRD gets beside its configuration, for as long as the comparison goes on. */
export function shadowBird(model: BirdModel): string {
  const canaries = canariesOf(model)
  return renderBird({
    statics: ([4, 6] as const).flatMap((family) => {
      const prefixes = canaries.filter((one) => one.family === family).map(({ prefix }) => prefix)
      return prefixes.length === 0 ? [] : [{ family, prefixes }]
    }),
    peers: model.peers.map((one, at) => ({
      protocol: shadowProtocol(one),
      edge: protocolOf(one.peer.name),
      family: one.family,
      address: shadowAddress(at),
      asn: one.peer.asn,
      asnHere: model.bgp.asn,
      internal: one.peer.relation === 'internal',
      // Where it is the only one that is taken: each route is refused for its own fault.
      nextHop: one.nextHop === undefined ? NOBODY[one.family] : addressText(one.nextHop),
      canaries: canariesFor(one, canaries),
    })),
    shadow: SHADOW,
  })
}

/** For the program that compares: lines `peer NAME FAMILY PROTOCOL SHADOW ADDRESS`, `own FAMILY PREFIX`, `canary PREFIX NAME`, `feed ADDRESS FAMILY PREFIX NAME`. */
export function shadowList(model: BirdModel): string {
  const canaries = canariesOf(model)
  return [
    ...model.peers.map(
      (one, at) =>
        `peer ${one.peer.name} ${one.family} ${protocolOf(one.peer.name)} ${shadowProtocol(one)} ${shadowAddress(at)}`,
    ),
    ...model.families.flatMap(({ family, announce, blackhole }) =>
      [...announce, ...blackhole].map((prefix) => `own ${family} ${prefix}`),
    ),
    ...canaries.map(({ prefix, name }) => `canary ${prefix} ${name}`),
    ...model.peers.flatMap((one, at) =>
      canariesFor(one, canaries).map(
        ({ prefix }) => `feed ${shadowAddress(at)} ${one.family} ${prefix} ${one.peer.name}`,
      ),
    ),
    '',
  ].join('\n')
}

/** POSIX; argument: a command, `compare` or `end`. */
export function shadowProgram(): string {
  return renderProgram({})
}

const shadowProtocol = ({ peer }: PeerModel): string => protocolOf(peer.name).replace(/^peer_/, 'shadow_')

/**
 * Routes that no policy may let through, in addresses that nobody has: of an internal peer, the one that is never right.
 * Only BIRD's own table and the shadow see them: BIRD's filters tell no static route of another name to anybody.
 */
function canariesOf({ families, bgp }: BirdModel): readonly Canary[] {
  return families.flatMap(({ family, announce }): Canary[] => {
    const { long, never, free } = PLACES[family]
    const own = announce.flatMap((text) => lastIn(text) ?? []).slice(0, 1)
    const paths: Canary[] = free.map(([name, prefix], at) => ({
      name,
      family,
      prefix,
      path: PATHS[at]?.(bgp.asn) ?? [],
    }))
    return [
      ...own.map((prefix): Canary => ({ name: 'own-prefix', family, prefix, path: [] })),
      { name: 'prefix-length', family, prefix: long, path: [] },
      { name: 'bogon-prefix', family, prefix: never, path: [] },
      ...paths,
    ]
  })
}

const NOBODY = { 4: '192.0.2.1', 6: '100::1' } as const
const PATHS: readonly ((asn: number) => readonly number[])[] = [
  () => [64512],
  () => [4_200_000_000],
  () => Array.from({ length: MOST_HOPS + 1 }, () => 3333),
]
// 2d00::/8 is with IANA; of IPv4 nothing is left that surely is nobody's.
const PLACES = {
  4: { long: '9.255.255.254/31', never: '240.0.0.0/24', free: [] },
  6: {
    long: '2d00:dead::/64',
    never: '8000:dead::/48',
    free: [
      ['bogon-as', '2d00:dead:1::/48'],
      ['bogon-as-wide', '2d00:dead:2::/48'],
      ['path-length', '2d00:dead:3::/48'],
    ],
  },
} as const

/** The last longest acceptable part of a prefix of ours: no network of the site uses it in BGP. */
function lastIn(text: string): string | undefined {
  const cidr = parseCidr(text)
  if (cidr === undefined) return undefined
  const { host } = LENGTHS[cidr.family]
  return `${formatIp(cidr.family, cidr.last - 1n)}/${host - 1}`
}

function canariesFor({ peer, family }: PeerModel, canaries: readonly Canary[]): readonly Canary[] {
  const own = canaries.filter((one) => one.family === family)
  // Between our own routers most is right.
  const of = peer.relation === 'internal' ? own.filter(({ name }) => name === 'bogon-prefix') : own
  return of.map((one) => ({ ...one, path: [...one.path].reverse() }))
}
