// The looks of a proof: every check at once within limits, and again what is not green yet, until all is settled or the deadline comes.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Outside, ProbeResult } from '../resource.ts'
import { interrupted, makeLimit } from './limit.ts'
import { toProblem } from './report.ts'
import type { PlacedProbe, VerifyOptions, VerifyStep } from './verify.ts'

interface Look {
  readonly probe: PlacedProbe
  readonly step: VerifyStep
  /** Worth another look. */
  readonly settles: boolean
  /** When its first look began; `performance.now()`. */
  readonly startMs: number
  /** How long this look took. */
  readonly tookMs: number
}

/** Pauses between two rounds, doubled each time. Milliseconds. */
const [FIRST_PAUSE_MS, MOST_PAUSE_MS] = [100, 2_000]

/** In the order in which the probes were given. Each is told once, with what it came to. Errors: E_INTERRUPTED. */
export async function lookUntilSettled(
  probes: readonly PlacedProbe[],
  outside: Outside,
  options: VerifyOptions,
): Promise<readonly VerifyStep[]> {
  const { on, withinMs = 0 } = options
  const tell = ({ step }: Look) => on?.({ kind: 'probe-ended', ...step })
  const isDone = ({ settles }: Look) => withinMs === 0 || !settles
  const found = new Map<PlacedProbe, Look>()
  const look = async (probe: PlacedProbe): Promise<Look> => {
    const seen = await lookAt(probe, outside, found.get(probe))
    found.set(probe, seen)
    if (isDone(seen)) tell(seen)
    return seen
  }
  let looks = await lookAtAll(probes, outside, options, look)
  const endMs = performance.now() + withinMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MOST_PAUSE_MS, 2 * pauseMs)) {
    const leftMs = endMs - performance.now()
    const open = looks.filter((one) => !isDone(one))
    // One that takes longer than what is left would end after the deadline.
    const again = open.filter(({ tookMs }) => pauseMs + tookMs < leftMs)
    for (const one of open) if (!again.includes(one)) tell(one)
    if (again.length === 0) return probes.flatMap((probe) => found.get(probe)?.step ?? [])
    on?.({ kind: 'verify-again', waiting: again.length, leftMs: Math.round(leftMs) })
    await sleep(pauseMs, undefined, { signal: outside.signal }).catch(() => undefined)
    const left = again.map(({ probe }) => probe)
    looks = await lookAtAll(left, outside, options, look)
  }
}

/** One round. What was read before a change, or a moment ago, proves nothing. */
async function lookAtAll(
  probes: readonly PlacedProbe[],
  outside: Outside,
  { concurrency, perPlace = PER_PLACE }: VerifyOptions,
  look: (probe: PlacedProbe) => Promise<Look>,
): Promise<readonly Look[]> {
  const limit = makeLimit({ concurrency, perPlace, signal: outside.signal })
  outside.forget()
  return Promise.all(probes.map((probe) => limit.run(probe.place, () => look(probe))))
}

/** As many as an apply has steps at one node. */
const PER_PLACE = 6

async function lookAt(probe: PlacedProbe, outside: Outside, before?: Look): Promise<Look> {
  const { id, title, part, place } = probe
  const thisMs = performance.now()
  const startMs = before?.startMs ?? thisMs
  const { settles = false, ...result } = await run(probe, outside)
  const endMs = performance.now()
  const step = {
    ...{ id, title },
    ...(part === undefined ? {} : { part }),
    ...(place === undefined ? {} : { place }),
    ...result,
    looks: (before?.step.looks ?? 0) + 1,
    ms: Math.round(endMs - startMs),
  }
  return { probe, step, settles: settles && result.state !== 'ok', startMs, tookMs: endMs - thisMs }
}

/** What is on its way may be there in a moment: a host or an API that does not answer, or that was just lost. */
const PASSING = new Set<string>(['E_HOST_UNREACHABLE', 'E_HOST_LOST', 'E_PVE_UNREACHABLE', 'E_PVE_LOST', 'E_PVE_BUSY'])

/** A probe that throws has failed, with its message. Errors: E_INTERRUPTED. */
async function run(probe: PlacedProbe, outside: Outside): Promise<ProbeResult> {
  try {
    const { state, expected, seen, hint, since, settles } = await probe.run(outside)
    return {
      ...{ state, expected, seen },
      ...(hint === undefined ? {} : { hint }),
      ...(since === undefined ? {} : { since }),
      ...(settles === undefined ? {} : { settles }),
    }
  } catch (error) {
    if (outside.signal.aborted) throw interrupted('interrupted while verifying')
    const { message, suggestions } = toProblem(error)
    const hint = suggestions.join('; ')
    const isPassing = error instanceof OrionError && PASSING.has(error.code)
    return {
      ...{ state: 'failed', expected: 'the check runs', seen: message },
      ...(hint ? { hint } : {}),
      ...(isPassing ? { settles: true } : {}),
    }
  }
}
