// Ways to a host whose network may be changing: one new connection after the other, none waited for in vain.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Host } from './host.ts'

/** Ends a flight for good, where other errors only mean: not to be reached now. */
const FINAL: readonly string[] = ['E_INTERRUPTED', 'E_ROLLED_BACK', 'E_GUARD_REFUSED', 'E_HOST_BUSY', 'E_NOT_CONVERGED']
/** Nothing is wrong with the change as far as one can tell: there is no way to the host now. */
const NO_WAY: readonly string[] = ['E_HOST_UNREACHABLE', 'E_HOST_LOST', 'E_HOST_TIMEOUT', 'E_INTERRUPTED']

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
export const hasNoWay = (error: unknown): boolean => NO_WAY.includes(codeOf(error))
/** What was sent may have arrived, though no answer came. */
export const mayHaveBegun = (error: unknown): boolean => ['E_HOST_LOST', 'E_HOST_TIMEOUT'].includes(codeOf(error))
/** A mistake of ours is as final. */
export const isFinal = (error: unknown): boolean => FINAL.includes(codeOf(error)) || !codeOf(error).startsWith('E_')

const RETRY_MS = 1000
const CONNECT_MS = 5000

interface Limits {
  /** What one attempt may take, connected. */
  limitMs(): number
  isOver(): boolean
  /** Told of each failure that is not final. */
  failed?(error: Error): void
}

/** Calls `attempt` over new connections until it returns true. Returns the last error where that was not in time. Errors: those that are final. */
export async function overNew(
  known: Host,
  attempt: (host: Host) => Promise<true | undefined>,
  { limitMs, isOver, failed }: Limits,
): Promise<Error | undefined> {
  let cause = new Error('it is still not done')
  while (!isOver()) {
    const next = performance.now() + RETRY_MS
    try {
      const host = await known.fresh({ timeoutMs: CONNECT_MS })
      try {
        if (await limited(limitMs(), attempt(host))) return undefined
      } finally {
        // Not waited for: it may hang with the network.
        host.close().catch(() => {})
      }
    } catch (error) {
      if (isFinal(error) || !(error instanceof Error)) throw error
      cause = error
      failed?.(error)
    }
    await sleep(Math.max(0, next - performance.now()))
  }
  return cause
}

/** An attempt over a connection that may be dead without a word. Errors: E_HOST_TIMEOUT after the limit. */
export async function limited<T>(limitMs: number, attempt: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = sleep(limitMs, undefined, { signal: stop.signal }).then(() => {
    throw new OrionError(`the connection gave no answer within ${Math.round(limitMs / 1000)} s`, {
      code: 'E_HOST_TIMEOUT',
    })
  })
  late.catch(() => {})
  attempt.catch(() => {})
  return await Promise.race([attempt, late]).finally(() => stop.abort())
}
