// What a restart of a host is wished to be, and what a plan shows of it: for every state of the host.
import { OrionError } from '../errors.ts'
import type { ReadWish } from '../host/host.ts'
import type { Difference, Outside, ResourceId } from '../resource.ts'
import type { HostFacts } from './host-facts.ts'
import { rolledBack } from './host-reboot-return.ts'
import type { RebootState } from './host-reboot-state.ts'

/** `now`; in the host's window, by itself; `never`: only said what waits for it. */
export type RebootMode = 'now' | 'window' | 'never'

export interface HostRebootOptions {
  readonly host: string
  /** What it is for: the last part of the id. */
  readonly topic: string
  readonly needs: readonly ResourceId[]
  /** Has rebootFacts in it. */
  readonly wish: ReadWish
  readonly mode: RebootMode
  /** `02:00-05:00`, by the host's clock; needed for the mode `window`. */
  readonly window?: string | undefined
  /** Guarded changes that the host may put back where it does not come back well. */
  readonly changes: readonly string[]
  /** Pure: what is in the files, or will be by this run, and not in force. */
  pending(seen: HostFacts): readonly Difference[]
  /** Pure: what speaks against a restart now; asked only where there is to be one. */
  problems?(seen: HostFacts): readonly string[]
  /** Pure: what a restart interrupts. */
  disrupts(seen: HostFacts): string
  /** How to ask for it, where it was not asked for. */
  readonly hint: string
  /** What tells why something is not in force after a restart. */
  readonly doctor: string
  /** How to be rid of what it was for, after the host put it back. */
  readonly wayBack: string
  /** True where the operator goes back: then what did not stand before is no reason to stop. */
  readonly isWayBack?: boolean
  readonly timing?: Partial<Timing>
  /** Fails until the host does its work again. */
  readonly answers?: (outside: Outside) => Promise<unknown>
}

export interface Timing {
  /** After its start the host waits so long for us before it goes back. */
  readonly confirmWithinSeconds: number
  /** How long it may be away. */
  readonly limitMs: number
  readonly everyMs: number
}

/** What was read. */
export interface HaveReboot {
  readonly seen: HostFacts
  readonly reboot: RebootState
  readonly pending: readonly Difference[]
}

export function getOwnProblems({ host, mode, window }: HostRebootOptions): readonly string[] {
  if (mode !== 'window' || window !== undefined) return []
  return [`the site file has no window for it: nodes.${host}.rebootWindow, for example 02:00-05:00`]
}

export function refuseState(
  { host, mode, hint, wayBack, isWayBack }: HostRebootOptions,
  { reboot, pending }: HaveReboot,
): void {
  const { state } = reboot
  if (state === 'restoring' || state === 'restarting')
    throw new OrionError(`${host} is putting files back after a restart, and restarts once more: ${reboot.reason}`, {
      code: 'E_HOST_BUSY',
      suggestions: ['wait for the end of that, and try again'],
    })
  // Files that lost the host its network would lie there for any restart: only who asks for one, armed, gets them again.
  if ((state !== 'restored' && state !== 'failed') || mode === 'now' || isWayBack || pending.length === 0) return
  const again = [`mend that and try it again: ${hint}`, `or leave it: ${wayBack}, then on ${host}: orion-reboot cancel`]
  throw rolledBack(host, reboot, again)
}

/** The host is away for us, or back and not confirmed: from a run that was killed, or one elsewhere. */
export const isUnderWay = ({ state, mode }: RebootState): boolean =>
  state === 'booted' || (state === 'armed' && mode === 'now')

export function diffReboot(options: HostRebootOptions, { seen, reboot, pending }: HaveReboot): readonly Difference[] {
  const { mode, window, hint } = options
  if (isUnderWay(reboot))
    return [{ field: 'restart', have: 'not confirmed', want: 'confirmed' }, ...wait(pending, hint)]
  const isArmed = reboot.state === 'armed'
  if (pending.length === 0)
    return isArmed ? [{ field: 'restart', have: `in the window ${reboot.window}`, want: 'none' }] : []
  if (mode === 'now') {
    const disrupts = options.disrupts(seen)
    return pending.map((one, at) => (at === 0 ? { ...one, disrupts } : one))
  }
  const by = `by itself in the window ${reboot.window}; at once: ${hint}`
  if (mode === 'never') return wait(pending, isArmed ? by : hint)
  if (isArmed && reboot.window === window) return wait(pending, by)
  const armed = isArmed ? { have: `in the window ${reboot.window}` } : {}
  const row = { field: 'restart', ...armed, want: `in the window ${window}`, disrupts: options.disrupts(seen) }
  return [row, ...wait(pending, `in the window ${window}, by itself`)]
}

function wait(pending: readonly Difference[], hint: string): readonly Difference[] {
  return pending.map((one) => ({ ...one, waits: 'operator', hint }))
}
