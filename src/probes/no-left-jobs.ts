// Proof that no backup or replication job carries this site's mark but those of the site file.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

interface SeenJob {
  readonly id: string
  readonly kind: string
  readonly command: string
}

interface Seen {
  readonly jobs: readonly SeenJob[]
  /** Backup jobs could not be looked at, for want of a right. */
  readonly unseen?: true
}

/** A warning: such a job goes on, and orion removes nothing by itself. */
export function noLeftJobs(cluster: string, look: (outside: Outside) => Promise<Seen>): Probe {
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const { jobs: found, unseen } = await look(outside)
    const kinds = unseen ? 'replication job' : 'backup or replication job'
    const expected = `no ${kinds} of this site that is not in the site file`
    const rest = unseen ? '; backup jobs are not looked at: that takes the right Sys.Audit' : ''
    if (found.length === 0) return { state: 'ok', expected, seen: `none${rest}` }
    const seen = found.map(({ kind, id }) => `${kind} ${id}`).join(', ')
    const commands = found.map(({ command }) => command).join(', ')
    const hint = `put it back into the site file, or remove it on a node after a look at it: ${commands}`
    return { state: 'warning', expected, seen, hint }
  }
  return { id: `no-left-jobs:${cluster}`, title: cluster, run }
}
