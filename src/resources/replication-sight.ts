// What became of a replication job: as its source node tells it.
import type { Outside } from '../resource.ts'
import type { Guest, Replication } from '../site/site.ts'
import { guestOfJob, type ListedReplication } from './replication.ts'
import { clusterGuests } from './shared-reads.ts'

/** Times in seconds since 1970, 0 = never. */
export interface ReplicationSight {
  readonly failures: number
  readonly error?: string
  readonly lastSync: number
  readonly nextSync: number
  readonly now: number
}

type ListedStatus = ListedReplication &
  Readonly<Record<'fail_count' | 'last_sync' | 'next_sync', number | string>> & {
    readonly error?: string
  }

/** undefined = its source does not know the job (yet). Errors: those of Proxmox VE. */
export async function readReplication(
  { vmid, node: home }: Guest,
  { to }: Replication,
  { pve }: Outside,
): Promise<ReplicationSight | undefined> {
  const cluster = pve.cluster(home)
  const node = (await clusterGuests(cluster)).get(vmid)?.node ?? home
  const rows = await cluster.once(
    `replication-status:${node}`,
    async () => (await cluster.api.nodes.$(node).replication.$get()) as readonly unknown[] as readonly ListedStatus[],
  )
  const found = rows.find((job) => guestOfJob(job) === vmid && (job.target === to || job.source === to))
  if (found === undefined) return undefined
  const { fail_count: failures = 0, last_sync: lastSync = 0, next_sync: nextSync = 0, error } = found
  return {
    failures: Number(failures),
    lastSync: Number(lastSync),
    nextSync: Number(nextSync),
    now: Math.floor(Date.now() / 1000),
    ...(error === undefined ? {} : { error }),
  }
}
