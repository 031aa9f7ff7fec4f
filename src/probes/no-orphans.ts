// Proof that nothing carries this site's mark but what stands in the site file.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** What is told of an orphan. */
export interface SeenOrphan {
  readonly name: string
  readonly vmid: number
  readonly node: string
  readonly kind: 'vm' | 'ct'
  readonly status: string
}

/** A warning: an orphan may hold an address and memory, and orion removes nothing by itself. */
export function noOrphans(cluster: string, look: (outside: Outside) => Promise<readonly SeenOrphan[]>): Probe {
  const expected = 'no guest with the mark of this site that is not in the site file'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const found = await look(outside)
    if (found.length === 0) return { state: 'ok', expected, seen: 'none' }
    const seen = found.map(({ name, vmid, node, status }) => `${name} (${vmid} on ${node}, ${status})`).join(', ')
    const commands = found.map(({ vmid, kind }) => `${kind === 'vm' ? 'qm' : 'pct'} destroy ${vmid}`).join(', ')
    const hint = `put it back into the site file under its old id, or remove it on its node after a look at it: ${commands}`
    return { state: 'warning', expected, seen, hint }
  }
  return { id: `no-orphans:${cluster}`, title: cluster, run }
}
