// Backups: vzdump jobs of each cluster, and copies of guests on other nodes.
import { asWanted } from '../probes/as-wanted.ts'
import { backupFresh } from '../probes/backup-fresh.ts'
import { noLeftJobs } from '../probes/no-left-jobs.ts'
import { replicationGreen } from '../probes/replication-green.ts'
import type { Part, Probe, Resource } from '../resource.ts'
import { backupJob } from '../resources/backup-job.ts'
import { readBackups } from '../resources/backup-sight.ts'
import { listLeftJobs } from '../resources/left-jobs.ts'
import { replication } from '../resources/replication.ts'
import { readReplication } from '../resources/replication-sight.ts'
import type { Backup, Guest, Site } from '../site/site.ts'

export const backup: Part = {
  name: 'backup',
  resources: (site) => [...jobs(site).map(({ resource }) => resource), ...copies(site).map(({ resource }) => resource)],
  probes: (site) => [
    ...jobs(site).flatMap(({ resource, probe }) => [asWanted(resource, 'as the site file says'), probe]),
    ...copies(site).flatMap(({ resource, probe }) => [asWanted(resource, 'as the site file says'), probe]),
    ...leftJobs(site),
  ],
}

interface Proven {
  readonly resource: Resource
  readonly probe: Probe
}

/** A job stands once in every cluster that has guests of it. */
function jobs(site: Site): readonly Proven[] {
  return site.backup.flatMap((job) => {
    const storage = site.storage.find(({ name }) => name === job.storage)
    return site.clusters.flatMap(({ name: cluster }): readonly Proven[] => {
      const guests = guestsOf(site, job, cluster)
      const [first] = guests
      if (first === undefined) return []
      const needs = storage === undefined ? [] : [`storage:${cluster}/${storage.name}` as const]
      const resource = backupJob(site, job, { cluster, node: first.node, guests, needs })
      const now = () => Math.floor(Date.now() / 1000)
      const look = { job, guests, storage }
      return [
        { resource, probe: backupFresh(cluster, job, (outside) => readBackups({ ...look, now: now() }, outside)) },
      ]
    })
  })
}

function guestsOf(site: Site, job: Backup, cluster: string): readonly Guest[] {
  const here = new Set(site.nodes.filter((node) => node.cluster === cluster).map(({ name }) => name))
  const named = new Set(job.guests)
  return site.guests.filter(({ name, node }) => named.has(name) && here.has(node))
}

function copies(site: Site): readonly Proven[] {
  return site.guests.flatMap((guest) =>
    guest.replicate.map((wanted): Proven => {
      const { to } = wanted
      const { node, vmid, name } = guest
      return {
        resource: replication(site, guest, wanted),
        probe: replicationGreen({ node, vmid, name, to }, (outside) => readReplication(guest, wanted, outside)),
      }
    }),
  )
}

/** One per cluster, reached over its first node. */
function leftJobs(site: Site): readonly Probe[] {
  return site.clusters.flatMap(({ name }) => {
    const node = site.nodes.find(({ cluster }) => cluster === name)
    return node === undefined ? [] : [noLeftJobs(name, (outside) => listLeftJobs(site, node.name, outside))]
  })
}
