// Proof that a node whose guests the site file does not pin has nothing left of pinned cores.
import type { Outside, Probe, ProbeResult, Resource } from '../resource.ts'
import { asWanted } from './as-wanted.ts'

/** One line for all of `resources`; the first that is not as wanted speaks. */
export function noPins(node: string, resources: readonly Resource[]): Probe {
  const expected = 'no pinned cores'
  const probes = resources.map((resource) => asWanted(resource, expected))
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const results = await Promise.all(probes.map((probe) => probe.run(outside)))
    return results.find(({ state }) => state !== 'ok') ?? { state: 'ok', expected, seen: expected }
  }
  return { id: `no-pins:${node}`, title: node, run }
}
