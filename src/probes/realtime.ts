// Proof that a guest runs in real time: each virtual CPU on its own CPU under SCHED_FIFO, read back from /proc on its node.
import type { Difference, Outside, Probe, ProbeResult } from '../resource.ts'

interface SeenRealtime {
  /** The CPU of each virtual CPU. */
  readonly wanted: readonly number[]
  /** How many virtual CPUs it has. */
  readonly vcpus: number
  /** What is not as wanted of its threads. */
  readonly differences: readonly Difference[]
}

interface Runner {
  readonly node: string
  readonly name: string
  /** Should it run? */
  readonly started: boolean
}

/** `look`: undefined where the guest does not run. */
export function realtime(
  { node, name, started }: Runner,
  look: (outside: Outside) => Promise<SeenRealtime | undefined>,
): Probe {
  const run = async (outside: Outside) => judge({ node, started }, await look(outside))
  return { id: `realtime:${node}/${name}`, title: name, run }
}

function judge({ node, started }: Pick<Runner, 'node' | 'started'>, seen: SeenRealtime | undefined): ProbeResult {
  if (seen === undefined)
    return { state: started ? 'unknown' : 'ok', expected: 'each virtual CPU in real time', seen: 'does not run' }
  const { wanted, vcpus, differences } = seen
  const expected = `each virtual CPU SCHED_FIFO 1, on CPUs ${wanted.join(', ')}`
  const hint = `orion vm apply --only 'cores of guests on ${node}'`
  const texts = differences.map(({ field, have, want }) => `${field}: ${have ?? 'none'}, wanted ${want ?? 'none'}`)
  if (vcpus !== wanted.length) texts.unshift(`${vcpus} virtual CPUs`)
  if (texts.length > 0) return { state: 'failed', expected, seen: texts.join('; '), hint }
  return { state: 'ok', expected, seen: `all ${vcpus} so` }
}
