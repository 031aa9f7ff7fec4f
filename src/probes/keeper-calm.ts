// Proof that the Keeper of a node runs, has looked a moment ago, and raises no alarm.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** What is seen of it. */
export interface SeenKeeper {
  readonly running: boolean
  /** Seconds since its last look; undefined = there was none. */
  readonly ageSeconds?: number
  /** `cool`, `hot`, `shedding`, `recovering`. */
  readonly state: string
  /** Names of guests that gave way. */
  readonly shed: readonly string[]
  readonly alarms: readonly string[]
}

/** `look`: undefined where it is not installed. */
export function keeperCalm(node: string, look: (outside: Outside) => Promise<SeenKeeper | undefined>): Probe {
  const run = async (outside: Outside) => judge(node, await look(outside))
  return { id: `keeper:${node}`, title: node, run }
}

/** Its last look is the last that is known of it. */
const sinceOf = (ageSeconds: number | undefined): Pick<ProbeResult, 'since'> =>
  ageSeconds === undefined ? {} : { since: new Date(Date.now() - 1000 * ageSeconds).toISOString() }

function judge(node: string, seen: SeenKeeper | undefined): ProbeResult {
  const expected = 'runs, and raises no alarm'
  const apply = `orion keeper apply --node ${node}`
  if (seen === undefined) return { state: 'failed', expected, seen: 'not installed', hint: apply }
  const { running, ageSeconds, state, shed, alarms } = seen
  if (!running) {
    const last = ageSeconds === undefined ? 'it never looked' : `its last look was ${ageSeconds} s ago`
    const hint = `orion keeper log --node ${node}`
    // Right after an apply it looks for the first time.
    return { state: 'failed', expected, seen: `does not run: ${last}`, hint, ...sinceOf(ageSeconds), settles: true }
  }
  const hint = `orion keeper status --node ${node}`
  if (alarms.length > 0) return { state: 'failed', expected, seen: alarms.join('; '), hint }
  if (shed.length > 0) return { state: 'warning', expected, seen: `${state}: ${shed.join(', ')} gave way`, hint }
  return { state: 'ok', expected, seen: state }
}
