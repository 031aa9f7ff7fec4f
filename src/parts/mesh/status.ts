// The links of the mesh as they are, each from what both of its gateways see; one that does not answer leaves its half open.
import type { Mesh } from '../../site/services.ts'
import type { GatewayLook, LinkLook } from './look-text.ts'
import { endsOf, type Link, type LinkEnd, type LinkKind } from './model.ts'

/** WireGuard refuses to use a session after this time (REJECT_AFTER_TIME); one that is used has a new one after 120 s. */
export const FRESH_SECONDS = 180

/** What was seen, by gateway; undefined = it did not answer. A gateway that is not here was not asked. */
export type Looks = ReadonlyMap<string, GatewayLook | undefined>

/**
 * `fresh`: a handshake of less than 180 s on both ends. `stale`, `never`: older, none. `silent`: fresh, and still nothing comes back
 * through it. `down`, `absent`: an interface is. `keys`, `psk`: the ends do not have the same, or no preshared key where one is required. `unknown`: neither end answered.
 */
export type LinkState = 'fresh' | 'stale' | 'never' | 'silent' | 'down' | 'absent' | 'keys' | 'psk' | 'unknown'

export interface EndRow {
  readonly gateway: string
  readonly peer: string
  readonly interface: string
  /** By the gateway's clock. */
  readonly handshakeSeconds?: number
  /** Where it sends to. */
  readonly endpoint?: string
  readonly mtu?: { readonly set: number; readonly inner?: number; readonly outer?: number }
  readonly lossPercent?: number
  readonly rttMs?: number
  readonly bgp?: string
  readonly bfd?: string
  /** BIRD's words, while the session does not stand. */
  readonly error?: string
  /** Of Proxmox VE, where it runs and may drop our ports. */
  readonly firewall?: string
  /** Where the others must come through to it. UDP. */
  readonly listenPort: number
}

export interface LinkRow {
  readonly link: string
  readonly kinds: readonly LinkKind[]
  readonly state: LinkState
  /** Of the end whose last handshake is longer ago. */
  readonly handshakeSeconds?: number
  readonly psk: PskRow
  readonly isRotating: boolean
  /** Gateways that ask traffic away from it, though no key of it changes; never empty. */
  readonly drainedBy?: readonly string[]
  /** Those that answered. */
  readonly ends: readonly EndRow[]
  /** Those that did not. */
  readonly silent: readonly string[]
}

export interface PskRow {
  /** `classical`: no preshared key protects what is recorded today. `unknown`: nobody answered, or there is no peer. */
  readonly kind: 'ml-kem-768' | 'classical' | 'unknown'
  readonly ageSeconds?: number
  /** Both ends answered, and have the same one (or both none). */
  readonly same?: boolean
}

interface Seen {
  readonly end: LinkEnd
  readonly look: GatewayLook
  readonly link: LinkLook
}

const ABSENT: LinkLook = { state: 'absent', isRotating: false }

/** Pure. Every link of which an end was asked, in the order given. */
export function linkRows(links: readonly Link[], looks: Looks, mesh: Pick<Mesh, 'postQuantum'>): readonly LinkRow[] {
  return links.filter(({ a, b }) => looks.has(a.name) || looks.has(b.name)).map((link) => toRow(link, looks, mesh))
}

function toRow(link: Link, looks: Looks, { postQuantum }: Pick<Mesh, 'postQuantum'>): LinkRow {
  const ends = endsOf(link)
  const seen = ends.flatMap((end): readonly Seen[] => {
    const look = looks.get(end.own.name)
    return look === undefined ? [] : [{ end, look, link: look.links.get(end.interface) ?? ABSENT }]
  })
  const ages = seen.flatMap(ageOf)
  const psk = pskOf(seen)
  const isRotating = seen.some((one) => one.link.isRotating)
  const drained = seen.filter((one) => one.link.isDrained)
  return {
    link: link.id,
    kinds: [...link.kinds],
    state: stateOf(seen, ages, psk, postQuantum),
    ...(ages.length === 0 ? {} : { handshakeSeconds: Math.max(...ages) }),
    psk,
    isRotating,
    ...(drained.length === 0 || isRotating ? {} : { drainedBy: drained.map(({ end }) => end.own.name) }),
    ends: seen.map(toEnd),
    silent: ends.flatMap(({ own }) => (looks.has(own.name) && looks.get(own.name) === undefined ? [own.name] : [])),
  }
}

/** Seconds since its last handshake; [] = never. A clock that was set back has no handshakes of tomorrow. */
function ageOf({ look, link }: Seen): readonly number[] {
  const at = link.peer?.handshake ?? 0
  return at === 0 ? [] : [Math.max(0, look.now - at)]
}

function stateOf(
  seen: readonly Seen[],
  ages: readonly number[],
  psk: PskRow,
  postQuantum: Mesh['postQuantum'],
): LinkState {
  const [one, other] = seen
  if (one === undefined) return 'unknown'
  if (seen.some(({ link }) => link.state === 'absent' || link.peer === undefined)) return 'absent'
  if (seen.some(({ link }) => link.state === 'down')) return 'down'
  if (other !== undefined && !(isKeyOf(one, other) && isKeyOf(other, one))) return 'keys'
  if (postQuantum && (psk.same === false || (postQuantum.required && psk.kind === 'classical'))) return 'psk'
  if (ages.length < seen.length) return 'never'
  if (Math.max(...ages) > FRESH_SECONDS) return 'stale'
  return seen.some(({ link: { ping } }) => ping?.received === 0) ? 'silent' : 'fresh'
}

const isKeyOf = (one: Seen, other: Seen): boolean => one.link.publicKey === other.link.peer?.publicKey

/** By what WireGuard itself has in force, and by what was agreed on; while one is changed, the ends may differ. */
function pskOf(seen: readonly Seen[]): PskRow {
  const [one, other] = seen
  if (one === undefined || seen.some(({ link }) => link.peer === undefined)) return { kind: 'unknown' }
  const own = seen.map(({ link }) => (link.peer?.hasPsk === true ? (link.psk?.id ?? '?') : ''))
  const isRotating = seen.some(({ link }) => link.isRotating)
  const same = other === undefined || isRotating ? {} : { same: own[0] === own[1] }
  if (own.includes('')) return { kind: 'classical', ...same }
  const agreed = seen.flatMap(({ look, link }) => (link.psk ? [{ ...link.psk, age: look.now - link.psk.at }] : []))
  if (agreed.length < seen.length || agreed.some(({ kind }) => kind !== 'ml-kem-768'))
    return { kind: 'unknown', ...same }
  return { kind: 'ml-kem-768', ageSeconds: Math.max(0, ...agreed.map(({ age }) => age)), ...same }
}

function toEnd(seen: Seen): EndRow {
  const { end, look, link } = seen
  const { ping, peer, bgp, bfd, mtu, inner, outer } = link
  const [age] = ageOf(seen)
  const isUp = bgp?.state === 'Established'
  const error = isUp ? undefined : bgp?.error
  const measured = { ...(inner === undefined ? {} : { inner }), ...(outer === undefined ? {} : { outer }) }
  const loss = ping && ping.sent > 0 ? { lossPercent: Math.round(100 * (1 - ping.received / ping.sent)) } : {}
  return {
    gateway: end.own.name,
    peer: end.peer.name,
    interface: end.interface,
    ...(age === undefined ? {} : { handshakeSeconds: age }),
    ...(peer?.endpoint === undefined ? {} : { endpoint: peer.endpoint }),
    ...(mtu === undefined ? {} : { mtu: { set: mtu, ...measured } }),
    ...loss,
    ...(ping?.rttMs === undefined ? {} : { rttMs: ping.rttMs }),
    ...(bgp === undefined ? {} : { bgp: bgp.state }),
    ...(bfd === undefined ? {} : { bfd }),
    ...(error === undefined ? {} : { error }),
    ...(look.firewall === undefined ? {} : { firewall: look.firewall }),
    listenPort: end.listenPort,
  }
}
