// Commands with --watch: each host is asked again and again, and the page moves with what they say until Ctrl-C.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Talk } from './net.ts'

export interface Watch {
  readonly names: readonly string[]
  /** Shows the page until it is stopped. */
  show(): Promise<{ stop(): Promise<void> }>
  /** Never fails but by Ctrl-C. */
  look(name: string): Promise<void>
  readonly everyMs?: number | undefined
}

const EVERY_MS = 2_000

/** Shows with the first answer, and returns after Ctrl-C, with the terminal free again. */
export async function watch(
  { session }: Pick<Talk, 'session'>,
  { names, show, look, everyMs = EVERY_MS }: Watch,
): Promise<void> {
  const { signal } = session.outside
  const first = names.map(look)
  if (first.length > 0) await Promise.race(first).catch(refuseOther)
  const live = await show()
  const turn = async (name: string, at: number) => {
    for (await first[at]; !signal.aborted; await look(name)) await sleep(everyMs, undefined, { signal })
  }
  try {
    await Promise.all(names.map(turn)).catch(refuseOther)
  } finally {
    await live.stop()
  }
}

/** Ctrl-C is how this ends. */
function refuseOther(error: unknown): void {
  const isEnd =
    error instanceof OrionError ? error.code === 'E_INTERRUPTED' : error instanceof Error && error.name === 'AbortError'
  if (!isEnd) throw error
}
