// Proof that a BGP session stands, that nothing of it is cut off by a limit, and that what is ours goes out on it.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** What is seen of one session. */
export interface SeenSession {
  readonly state: string
  /** The daemon's last error, in its words. */
  readonly error?: string
  /** Since when it is in this state. ISO 8601. */
  readonly since?: string
  /** What to do where it does not stand. */
  readonly hint?: string
  /** Own prefixes that are not announced on it. */
  readonly missing: readonly string[]
  /** Traffic is asked away from it. */
  readonly draining: boolean
  /** Limits that are reached. `exceeded`: there are more routes, and they are left out. */
  readonly limits?: readonly SeenLimit[]
}

export interface SeenLimit {
  readonly kind: 'receive' | 'import' | 'export'
  readonly limit: number
  readonly exceeded: boolean
}

/** `look`: undefined where the daemon does not answer. */
export function bgpSession(
  router: string,
  peer: string,
  look: (outside: Outside) => Promise<SeenSession | undefined>,
): Probe {
  const run = async (outside: Outside) => {
    const found = await look(outside)
    return { ...judge(peer, found), ...(found?.since === undefined ? {} : { since: found.since }) }
  }
  return { id: `bgp-session:${router}/${peer}`, title: peer, run }
}

function judge(peer: string, found: SeenSession | undefined): ProbeResult {
  const expected = 'established, with our prefixes announced'
  if (found === undefined)
    return { state: 'failed', expected, seen: 'the daemon does not answer', hint: 'orion bgp plan', settles: true }
  const { state, error, missing, draining } = found
  if (state !== 'Established') {
    const seen = [state.toLowerCase(), error].filter((text) => text !== undefined).join(', ')
    return { state: 'failed', expected, seen, hint: found.hint ?? 'orion bgp show', ...settlesIn(state) }
  }
  if (missing.length > 0)
    return { state: 'failed', expected, seen: `without ${missing.join(', ')}`, hint: 'orion bgp show', settles: true }
  const full = judgeLimits(peer, found.limits ?? [])
  if (full) return { expected, ...full }
  if (draining)
    return { state: 'warning', expected, seen: 'established, and drained', hint: `orion bgp undrain ${peer}` }
  return { state: 'ok', expected, seen: expected }
}

/** On its way (RFC 4271, section 8.2.2), and not shut down or unknown. */
const settlesIn = (state: string): { readonly settles?: true } =>
  /^(Idle|Connect|Active|OpenSent|OpenConfirm)$/i.test(state) ? { settles: true } : {}

/** Undefined where no limit is reached. The worst first. */
function judgeLimits(peer: string, limits: readonly SeenLimit[]): Omit<ProbeResult, 'expected'> | undefined {
  const worst = limits.find(({ exceeded }) => exceeded) ?? limits[0]
  if (worst === undefined) return undefined
  const { kind, limit, exceeded } = worst
  const done = kind === 'export' ? 'sent' : 'taken'
  const hint =
    kind === 'export'
      ? `what we have for it: orion bgp show ${peer}`
      : `ask ${peer} what it sends; if that is right: raise bgp.peers.${peer}.maxPrefixes, and orion bgp apply`
  return exceeded
    ? {
        state: 'failed',
        seen: `established, and its limit is exceeded: no more than ${limit} routes are ${done}`,
        hint,
      }
    : { state: 'warning', seen: `established, with as many routes as are ${done}: ${limit}`, hint }
}
