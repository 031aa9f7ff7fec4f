// Backup and replication jobs that carry this site's mark and stand no longer in the site file.
import type { Outside } from '../resource.ts'
import type { Backup, Site } from '../site/site.ts'
import { backupJobs, isOwnJob } from './backup-job.ts'
import { guestOfJob, isOwnReplication, type ListedReplication, replications } from './replication.ts'

export interface LeftJob {
  readonly id: string
  /** For people: `backup job`, `replication`. */
  readonly kind: string
  /** What removes it on a node. */
  readonly command: string
}

export interface LeftJobs {
  readonly jobs: readonly LeftJob[]
  /** Backup jobs could not be looked at, for want of a right. */
  readonly unseen?: true
}

/** Those of the cluster that a node belongs to. Errors: those of Proxmox VE. */
export async function listLeftJobs(site: Site, node: string, outside: Outside): Promise<LeftJobs> {
  const cluster = outside.pve.cluster(node)
  const backups = await backupJobs(cluster).catch((error) => unlessDenied(site, error))
  const wanted = new Set(site.backup.filter((job) => hasGuests(site, job, node)).map(({ id }) => id))
  const isWanted = (job: ListedReplication) =>
    site.guests.some(
      ({ vmid, replicate }) =>
        vmid === guestOfJob(job) && replicate.some(({ to }) => to === job.target || to === job.source),
    )
  const jobs = [
    ...(backups ?? [])
      .filter((job) => isOwnJob(site, job) && !wanted.has(job.id))
      .map(({ id }) => ({ id, kind: 'backup job', command: `pvesh delete /cluster/backup/${id}` })),
    ...(await replications(cluster))
      .filter((job) => isOwnReplication(site, job) && job.remove_job === undefined && !isWanted(job))
      .map(({ id }) => ({ id, kind: 'replication', command: `pvesr delete ${id}` })),
  ]
  return backups ? { jobs } : { jobs, unseen: true }
}

/** Does a job stand in the cluster that a node belongs to? */
function hasGuests({ nodes, guests }: Site, job: Backup, node: string): boolean {
  const cluster = nodes.find(({ name }) => name === node)?.cluster
  const here = new Set(nodes.flatMap((one) => (one.cluster === cluster ? [one.name] : [])))
  return guests.some((guest) => here.has(guest.node) && job.guests.includes(guest.name))
}

/** Without backups in the site file its own user need not have the right to look: then the job of an earlier one is told as unseen. */
function unlessDenied({ backup }: Site, error: unknown): undefined {
  if (backup.length === 0 && error instanceof Error && 'code' in error && error.code === 'E_PVE_DENIED')
    return undefined
  throw error
}
