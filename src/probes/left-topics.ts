// Proof that nothing of orion works on a node that the site file has forgotten.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

interface SeenLeft {
  readonly title: string
  /** What takes it away. */
  readonly undo: string
}

/** A warning: it works as it did. `look`: undefined where the node says nothing of itself. */
export function noLeftTopics(
  node: string,
  look: (outside: Outside) => Promise<readonly SeenLeft[] | undefined>,
): Probe {
  const expected = 'nothing of orion that the site file does not name'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const found = await look(outside)
    if (found === undefined) return { state: 'unknown', expected, seen: 'the node says nothing of itself' }
    if (found.length === 0) return { state: 'ok', expected, seen: 'none' }
    const undos = [...new Set(found.map(({ undo }) => undo))]
    const hint = `put it back into the site file, or take it away: ${undos.join('; ')}`
    return { state: 'warning', expected, seen: `still there: ${found.map(({ title }) => title).join(', ')}`, hint }
  }
  return { id: `left-topics:${node}`, title: node, run }
}
