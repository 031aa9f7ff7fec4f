// Proof that a link of the mesh stands: a fresh handshake on both ends, one preshared key, and routes over it.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** What both ends of a link say, taken together. */
export interface SeenTunnel {
  /** Gateways of it that do not answer. */
  readonly silent: readonly string[]
  readonly state: 'fresh' | 'stale' | 'never' | 'silent' | 'down' | 'absent' | 'keys' | 'psk' | 'unknown'
  /** Since the older of the two last handshakes. */
  readonly handshakeSeconds?: number
  /** `classical`: no preshared key protects what is recorded today. */
  readonly psk: 'ml-kem-768' | 'classical' | 'unknown'
  /** A rotation of its preshared key or its pair of keys is under way. */
  readonly isRotating: boolean
  /** Gateways that ask traffic away from it, though no rotation is under way. */
  readonly drainedBy?: readonly string[]
  /** BGP sessions over it that are not established, each `GATEWAY: state`. */
  readonly sessions: readonly string[]
}

export interface TunnelWish {
  /** `fra-1~kel-1`. */
  readonly link: string
  /** A preshared key is wanted on it. */
  readonly postQuantum: boolean
}

export function tunnel({ link, postQuantum }: TunnelWish, look: (outside: Outside) => Promise<SeenTunnel>): Probe {
  const expected = `a fresh handshake on both ends${postQuantum ? ', with one post-quantum key' : ''}`
  const run = async (outside: Outside) => {
    const seen = await look(outside)
    return { expected, ...sinceOf(seen), ...judge(link, postQuantum, seen) }
  }
  return { id: `tunnel:${link}`, title: link, run }
}

type Judgement = Omit<ProbeResult, 'expected'>

/** A first handshake takes up to a retry of WireGuard's (REKEY_TIMEOUT, 5 s) after the other end is there. */
const COMING = new Set<SeenTunnel['state']>(['stale', 'never', 'silent'])

/** What is known of one that is stale: its last handshake. */
function sinceOf({ state, handshakeSeconds }: SeenTunnel): Pick<ProbeResult, 'since'> {
  if (state !== 'stale' || handshakeSeconds === undefined) return {}
  return { since: new Date(Date.now() - 1000 * handshakeSeconds).toISOString() }
}

const STATES: Readonly<Record<Exclude<SeenTunnel['state'], 'fresh' | 'unknown'>, string>> = {
  stale: 'the last handshake is too old',
  never: 'never a handshake',
  silent: 'a fresh handshake, and nothing comes back through it',
  down: 'an interface is down',
  absent: 'an interface is not there',
  keys: 'the ends do not have the keys of each other',
  psk: 'the ends do not share a preshared key',
}

function judge(link: string, postQuantum: boolean, seen: SeenTunnel): Judgement {
  const { silent, state, handshakeSeconds, psk, isRotating, drainedBy, sessions } = seen
  if (silent.length > 0 || state === 'unknown')
    return {
      state: 'unknown',
      seen: silentText(silent),
      hint: 'orion mesh status',
      settles: true,
    }
  const age = handshakeSeconds === undefined ? '' : ` (${handshakeSeconds} s)`
  if (state !== 'fresh')
    return {
      state: 'failed',
      seen: `${STATES[state]}${state === 'stale' ? age : ''}`,
      hint: hintOf(link, state),
      ...(COMING.has(state) ? { settles: true } : {}),
    }
  if (sessions.length > 0)
    return {
      state: 'failed',
      seen: `fresh${age}, and no routes: BGP of ${sessions.join(', ')}`,
      hint: 'orion mesh status',
      settles: true,
    }
  if (isRotating)
    return { state: 'warning', seen: `fresh${age}, a rotation is open`, hint: `orion mesh rotate ${link}` }
  if (drainedBy)
    return {
      state: 'warning',
      seen: `fresh${age}, drained by ${drainedBy.join(' and ')}, and no rotation is open`,
      hint: 'orion mesh apply',
    }
  if (psk === 'classical')
    return {
      state: 'warning',
      seen: `fresh${age}, classical: without a preshared key`,
      hint: classicalHint(link, postQuantum),
    }
  if (psk === 'unknown')
    return {
      state: 'warning',
      seen: `fresh${age}, with a preshared key that is not ours`,
      hint: `orion mesh rotate ${link}`,
    }
  return { state: 'ok', seen: `fresh${age}, ${psk}` }
}

function silentText(silent: readonly string[]): string {
  return silent.length === 1 ? `${silent[0]} does not answer` : 'neither end answers'
}

function hintOf(link: string, state: SeenTunnel['state']): string {
  if (state === 'absent' || state === 'down' || state === 'keys') return 'orion mesh plan'
  return state === 'psk' ? `orion mesh rotate ${link}` : 'orion mesh status'
}

/** A host that cannot do better, or a site that does not ask for it. */
function classicalHint(link: string, postQuantum: boolean): string {
  const how = 'mesh.postQuantum: ml-kem-768 in the site file (OpenSSL 3.5: Debian 13), and orion mesh apply'
  return postQuantum ? `OpenSSL 3.5 (Debian 13) on both ends, then orion mesh rotate ${link}` : how
}
