// Proof that a guest's copies on another node are made: without errors, and not long ago.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** As its source node tells it; times in seconds since 1970, 0 = never. */
export interface SeenReplication {
  readonly failures: number
  readonly error?: string
  readonly lastSync: number
  readonly nextSync: number
  readonly now: number
}

/** So long after its turn it is late. */
const LATE_SECONDS = 3600

export function replicationGreen(
  place: { readonly node: string; readonly vmid: number; readonly name: string; readonly to: string },
  look: (outside: Outside) => Promise<SeenReplication | undefined>,
): Probe {
  const { node, vmid, name, to } = place
  const run = async (outside: Outside) => judge(to, await look(outside))
  return { id: `replication-green:${node}/${vmid}-${to}`, title: `${name} to ${to}`, run }
}

function judge(to: string, found: SeenReplication | undefined): ProbeResult {
  const expected = `copied to ${to} in time, without errors`
  if (found === undefined) return { state: 'warning', expected, seen: 'no job runs yet', hint: 'orion bootstrap' }
  const { failures, error, lastSync, nextSync, now } = found
  const since = lastSync > 0 ? { since: toIso(lastSync) } : {}
  if (error !== undefined || failures > 0) {
    const times = failures === 1 ? 'once' : `${failures} times`
    const hint = 'pvesr status on its node, and the log of its job, say why'
    return { state: 'warning', expected, seen: `failed ${times}: ${error ?? 'no reason given'}`, hint, ...since }
  }
  const isLate = nextSync > 0 && now - nextSync > LATE_SECONDS
  if (isLate) {
    const hint = 'does pvescheduler run on its node? (systemctl status pvescheduler)'
    return { state: 'warning', expected, seen: `due since ${toIso(nextSync)}`, hint, ...since }
  }
  if (lastSync === 0) return { state: 'ok', expected, seen: 'the first copy is still to come' }
  return { state: 'ok', expected, seen: `last copied ${toIso(lastSync)}` }
}

const toIso = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
