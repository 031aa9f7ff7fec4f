// Proof: runs the live checks and collects what they saw. Reads only.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import type { On } from './events.ts'
import { interrupted, makeLimit } from './limit.ts'
import { toProblem } from './report.ts'

export interface VerifyStep extends ProbeResult {
  readonly id: string
  readonly title: string
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
  readonly on?: On
}

/** Runs every probe, so many at once. A probe that throws has failed, with its message. Errors: E_INTERRUPTED. */
export async function runProbes(
  probes: readonly Probe[],
  outside: Outside,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const { site, concurrency, on } = options
  const started = new Date()
  const limit = makeLimit({ concurrency, signal: outside.signal })
  outside.forget() // What was read before a change proves nothing.
  on?.({ kind: 'verify-started', total: probes.length })
  const run = async (probe: Probe): Promise<VerifyStep> => {
    const step = await runProbe(probe, outside)
    on?.({ kind: 'probe-ended', id: step.id, title: step.title, state: step.state, ms: step.ms })
    return step
  }
  const steps = await Promise.all(probes.map((probe) => limit.run(undefined, () => run(probe))))
  const counts = { ok: 0, warning: 0, failed: 0, unknown: 0 }
  for (const { state } of steps) counts[state] += 1
  const ok = counts.failed === 0 && counts.unknown === 0
  return { site, started: started.toISOString(), ms: Date.now() - started.getTime(), probes: steps, counts, ok }
}

async function runProbe(probe: Probe, outside: Outside): Promise<VerifyStep> {
  const { id, title } = probe
  const start = performance.now()
  const getMs = () => Math.round(performance.now() - start)
  try {
    const { state, expected, seen, hint } = await probe.run(outside)
    return { id, title, state, expected, seen, ...(hint === undefined ? {} : { hint }), ms: getMs() }
  } catch (error) {
    if (outside.signal.aborted) throw interrupted('interrupted while verifying')
    const { message, suggestions } = toProblem(error)
    const hint = suggestions.join('; ')
    return {
      id,
      title,
      state: 'failed',
      expected: 'the check runs',
      seen: message,
      ...(hint ? { hint } : {}),
      ms: getMs(),
    }
  }
}
