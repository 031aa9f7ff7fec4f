// Proof that every resource pool that orion made for this site is named by a guest of it.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** A warning: guests of others may be in it. `look`: names of those that carry the mark and no guest names. */
export function leftPools(cluster: string, look: (outside: Outside) => Promise<readonly string[]>): Probe {
  const expected = 'no pool with the mark of this site that no guest names'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const found = await look(outside)
    if (found.length === 0) return { state: 'ok', expected, seen: 'none' }
    const steps = found.map((name) => `pvesh delete /pools --poolid ${name}`).join(', ')
    const hint = `on a node of the cluster, once nothing is in it: ${steps}`
    return { state: 'warning', expected, seen: found.join(', '), hint }
  }
  return { id: `left-pools:${cluster}`, title: cluster, run }
}
