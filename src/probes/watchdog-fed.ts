// Proof that a watchdog of a node is armed, and fed by exactly one.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

export interface SeenWatchdog {
  readonly state: 'ok' | 'warning' | 'failed'
  readonly text: string
  readonly hint?: string
}

export function watchdogFed(node: string, look: (outside: Outside) => Promise<SeenWatchdog | undefined>): Probe {
  const expected = 'armed, and fed by exactly one'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const found = await look(outside)
    if (found === undefined) return { state: 'unknown', expected, seen: 'nobody looked at it' }
    const { state, text, hint } = found
    // Who feeds it may just be starting.
    const settles = state === 'failed' ? { settles: true as const } : {}
    return { state, expected, seen: text, ...(hint === undefined ? {} : { hint }), ...settles }
  }
  return { id: `watchdog:${node}`, title: node, run }
}
