// The mesh of a simulated host as it runs: tunnels, their own BIRD, what a drill cuts. Gone with a start of the machine.
import type { BirdState, HostState } from '../host/state.ts'

export const MESH = '/etc/orion/mesh'

export interface TunnelPeer {
  readonly publicKey: string
  /** Base64; '' = none, which WireGuard takes for zeros. */
  psk: string
  /** `host:port` as configured; a name. */
  readonly endpoint?: string
  readonly allowed: readonly string[]
  readonly keepalive: number
  /** Milliseconds since the epoch; undefined = never. */
  handshakeMs?: number
}

/** A WireGuard interface. */
export interface Tunnel {
  privateKey: string
  readonly port: number
  readonly mtu: number
  /** CIDRs. */
  readonly addresses: readonly string[]
  peers: TunnelPeer[]
}

export interface MeshState {
  /** By the name of the interface. */
  tunnels: Record<string, Tunnel>
  /** Rules of policy routing: table 5180 is asked before main. */
  rules: boolean
  /** In table 5180, written down: prefix → device. */
  routes: Record<string, string>
  bird?: BirdState
  /** UDP ports whose packets a drill drops. */
  cut?: {
    readonly ports: readonly number[]
    readonly sinceMs: number
    /** As asked for: what is sampled is of a cut of this length. */
    readonly seconds: number
    /** When it ends in the lab, where nobody waits for so long. */
    readonly untilMs: number
  }
  /** Which key of an open rotation WireGuard has, by interface. */
  live: Record<string, 'new' | 'old'>
  /** Exchanges of preshared keys that are under way, by interface. */
  exchanges: Record<string, Exchange>
}

/** What an end keeps between two messages. */
export interface Exchange {
  readonly role: 'initiator' | 'responder'
  /** Its words, in the order in which the program takes them. */
  readonly words: readonly string[]
  /** PEM of its X25519 key, until it was used. */
  readonly privateKey: string
  readonly offer: string
  readonly psk?: string
  readonly transcript?: string
}

/** Made where there is none yet. */
export function meshOf(host: HostState): MeshState {
  const mesh = host.mesh ?? { tunnels: {}, rules: false, routes: {}, live: {}, exchanges: {} }
  host.mesh = mesh
  return mesh
}

/** The one other end of a link. */
export function onlyPeer({ peers }: Tunnel): TunnelPeer | undefined {
  return peers.length === 1 ? peers[0] : undefined
}
