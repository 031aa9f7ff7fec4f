// Proof: runs the live checks and collects what they saw. Reads only.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import type { On } from './events.ts'
import { lookUntilSettled } from './looks.ts'

/** A check, and where it belongs. */
export interface PlacedProbe extends Probe {
  /** The part that it is of: `vm`. */
  readonly part?: string
  /** The node that it looks at, or the cluster: the lane in which work is limited. A check of more than one has none. */
  readonly place?: string
}

export interface VerifyStep extends Omit<ProbeResult, 'settles'> {
  readonly id: string
  readonly title: string
  readonly part?: string
  readonly place?: string
  /** How often it was looked at: more than once where it was not green at first, and could become so. */
  readonly looks: number
  /** From its first look to its last. */
  readonly ms: number
}

/** The document of `orion verify --json`. */
export interface VerifyReport {
  readonly site: string
  /** ISO 8601, UTC. */
  readonly started: string
  readonly ms: number
  /** In the order in which the probes were given. */
  readonly probes: readonly VerifyStep[]
  readonly counts: Readonly<Record<ProbeResult['state'], number>>
  /** True where nothing failed and nothing is unknown. A warning does not spoil it. */
  readonly ok: boolean
}

export interface VerifyOptions {
  readonly site: string
  readonly concurrency: number
  /** Most at once at one place. */
  readonly perPlace?: number
  /** How long after the first look what is not green yet may take to become so; default: one look each. */
  readonly withinMs?: number
  readonly on?: On
}

/**
 * Runs every probe, so many at once, on fresh reads; what is not green and may become so is looked at again until the deadline.
 * A probe that throws has failed, with its message. Errors: E_INTERRUPTED.
 */
export async function runProbes(
  probes: readonly PlacedProbe[],
  outside: Outside,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const { site, on } = options
  const started = new Date()
  on?.({ kind: 'verify-started', total: probes.length })
  const steps = await lookUntilSettled(probes, outside, options)
  const counts = { ok: 0, warning: 0, failed: 0, unknown: 0 }
  for (const { state } of steps) counts[state] += 1
  const ok = counts.failed === 0 && counts.unknown === 0
  return { site, started: started.toISOString(), ms: Date.now() - started.getTime(), probes: steps, counts, ok }
}
