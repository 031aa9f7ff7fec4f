// Stopping: one signal for everything that waits, and a later one for writes that are on their way.
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'

export interface Stop {
  /** Reads, pauses and queues end with it at once. */
  readonly now: AbortSignal
  /** A write that was sent may still be answered until then: its answer names the task that it started. */
  readonly late: AbortSignal
  /** Stops everything now and lets go of the operator's signal. */
  end(): void
}

/** Follows the operator's signal; `late` comes `graceMs` milliseconds after `now`. */
export function getStop(signal: AbortSignal, graceMs: number): Stop {
  const now = new AbortController()
  const late = new AbortController()
  // Every request and pause listens to these two; more than ten is no leak.
  setMaxListeners(0, now.signal, late.signal)
  const onAbort = () => {
    now.abort()
    setTimeout(() => late.abort(), graceMs).unref()
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    now: now.signal,
    late: late.signal,
    end: () => {
      signal.removeEventListener('abort', onAbort)
      now.abort()
      late.abort()
    },
  }
}

/** Waits for `ms` milliseconds. Errors: E_INTERRUPTED, saying what was being done. */
export async function pause(ms: number, signal: AbortSignal, what: string): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    throw interrupted(what)
  }
}

/** Stopped by the operator while this was being done. */
export function interrupted(what: string, recheck = false): OrionError {
  return new OrionError(`Interrupted: ${what}`, { code: 'E_INTERRUPTED', recheck })
}
