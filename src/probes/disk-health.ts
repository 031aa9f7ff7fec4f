// Proof that no disk of a node says of itself that it fails (SMART).
import type { Outside, Probe, ProbeResult } from '../resource.ts'

export interface SeenDisk {
  readonly disk: string
  readonly failing: boolean
  readonly reasons: readonly string[]
}

/** A warning: it works still, and now is the time to act. `look`: undefined where nobody looked at the disks. */
export function diskHealth(node: string, look: (outside: Outside) => Promise<readonly SeenDisk[] | undefined>): Probe {
  const expected = 'no disk that fails'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const disks = await look(outside)
    if (disks === undefined)
      return { state: 'unknown', expected, seen: 'the Keeper has not looked at them', settles: true }
    const failing = disks.filter((disk) => disk.failing)
    if (failing.length === 0) return { state: 'ok', expected, seen: disks.map(({ disk }) => disk).join(', ') || 'none' }
    const seen = failing
      .map(({ disk, reasons }) => `${disk} fails: ${reasons.join(', ') || 'SMART says so'}`)
      .join('; ')
    return { state: 'warning', expected, seen, hint: `orion keeper predict --node ${node}` }
  }
  return { id: `disk-health:${node}`, title: node, run }
}
