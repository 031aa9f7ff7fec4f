// Proof that the outer watchdog of a node hears from it.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

export interface SeenHeartbeat {
  readonly port: string
  readonly ok: boolean
  /** What it said last: `armed`, `disarmed`; undefined = nothing yet. */
  readonly answer?: string
}

export function heartbeat(node: string, look: (outside: Outside) => Promise<SeenHeartbeat | undefined>): Probe {
  const expected = 'a heartbeat goes out, to a watchdog that is armed'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const found = await look(outside)
    if (found === undefined)
      return {
        state: 'failed',
        expected,
        seen: 'no heartbeat',
        hint: `orion keeper apply --node ${node}`,
        settles: true,
      }
    const { port, ok, answer } = found
    if (!ok)
      return {
        state: 'failed',
        expected,
        seen: `${port} takes none`,
        hint: `is the outer watchdog plugged in at ${port} of ${node}?`,
      }
    if (answer === 'disarmed')
      return { state: 'warning', expected, seen: `${port}: disarmed`, hint: 'press its button to arm it' }
    return { state: 'ok', expected, seen: `${port}${answer === undefined ? '' : `: ${answer}`}` }
  }
  return { id: `heartbeat:${node}`, title: node, run }
}
