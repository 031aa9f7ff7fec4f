// Proof that the cores that guests have for themselves are theirs alone: nobody else's threads may run there.
import type { Outside, Probe } from '../resource.ts'

/** `look`: who may run on such cores besides their owners, one line each. */
export function exclusiveCores(node: string, look: (outside: Outside) => Promise<readonly string[]>): Probe {
  const expected = 'nobody on the exclusive cores of others'
  return {
    id: `exclusive-cores:${node}`,
    title: node,
    run: async (outside) => {
      const intruders = await look(outside)
      if (intruders.length === 0) return { state: 'ok', expected, seen: 'nobody else may run there' }
      const hint = 'orion vm apply; for a guest that is not of this site: qm set VMID --affinity with other CPUs'
      return { state: 'failed', expected, seen: intruders.join('; '), hint }
    },
  }
}
