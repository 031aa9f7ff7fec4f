// Replication of a guest: its ZFS disks are copied to another node of its cluster, again and again.
import { OrionError } from '../errors.ts'
import type { Cluster } from '../pve/pve.ts'
import type { Difference, Outside, Resource } from '../resource.ts'
import type { Guest, Replication, Site } from '../site/site.ts'
import { markOf } from './device-mapping.ts'
import { clusterGuests } from './shared-reads.ts'

/** As GET /cluster/replication gives it. */
export interface ListedReplication {
  /** `101-0`: the guest, and a number. */
  readonly id: string
  readonly source?: string
  readonly target: string
  readonly schedule?: string
  readonly rate?: number | string
  readonly disable?: number | boolean | string
  readonly comment?: string
  /** It goes at its next turn. */
  readonly remove_job?: string
}

/** The jobs of a cluster that we may see. */
export function replications(cluster: Cluster): Promise<readonly ListedReplication[]> {
  return cluster.once(
    'replications',
    async () => (await cluster.api.cluster.replication.$get()) as readonly unknown[] as readonly ListedReplication[],
  )
}

export const guestOfJob = ({ id }: Pick<ListedReplication, 'id'>): number => Number(id.split('-')[0])

/** Was it made for this site? */
export const isOwnReplication = (site: Pick<Site, 'name'>, { comment = '' }: ListedReplication): boolean =>
  comment.trim() === markOf(site.name)

/**
 * The job of a guest to one node. After the guest has moved there, its copies go to where it came from (Proxmox VE turns the job
 * round): that is as wanted. Errors: E_FOREIGN for a job that is not the site's.
 */
export function replication(site: Site, guest: Guest, wanted: Replication): Resource<ListedReplication> {
  const { node, vmid, kind } = guest
  return {
    id: `replication:${node}/${vmid}-${wanted.to}`,
    title: `${guest.name} to ${wanted.to}`,
    needs: [`${kind === 'vm' ? 'vm' : 'container'}:${node}/${vmid}`],
    async observe(outside) {
      const found = (await jobsOf(guest, outside)).find(({ target, source }) => {
        return target === wanted.to || (source === wanted.to && target === node)
      })
      if (found && !isOwnReplication(site, found)) throw foreign(guest, found)
      return found
    },
    diff: (have) => diffJob(wanted, have),
    async create(outside) {
      const cluster = outside.pve.cluster(node)
      const here = (await clusterGuests(cluster)).get(vmid)?.node
      const target = here === wanted.to ? node : wanted.to
      const comment = markOf(site.name)
      const { schedule, rate } = wanted
      const job = { id: await freeId(guest, outside), type: 'local' as const, target, schedule, comment }
      await cluster.api.cluster.replication.$post({ ...job, ...(rate === undefined ? {} : { rate }) })
    },
    async update({ pve }, have) {
      const { schedule, rate } = wanted
      const drop = diffJob(wanted, have).flatMap(({ field, want }) => (want === undefined ? [field] : []))
      await pve
        .cluster(node)
        .api.cluster.replication.$(have.id)
        .$put({
          schedule,
          ...(rate === undefined ? {} : { rate }),
          ...(drop.length === 0 ? {} : { delete: drop.join(',') }),
        })
    },
    async remove({ pve }, { id }) {
      await pve.cluster(node).api.cluster.replication.$(id).$delete()
    },
  }
}

async function jobsOf({ vmid, node }: Guest, { pve }: Outside): Promise<readonly ListedReplication[]> {
  return (await replications(pve.cluster(node))).filter((job) => guestOfJob(job) === vmid)
}

async function freeId(guest: Guest, outside: Outside): Promise<string> {
  const taken = new Set((await jobsOf(guest, outside)).map(({ id }) => id))
  for (let at = 0; ; at += 1) if (!taken.has(`${guest.vmid}-${at}`)) return `${guest.vmid}-${at}`
}

function diffJob({ to, schedule, rate }: Replication, have: ListedReplication | undefined): Difference[] {
  if (have?.remove_job !== undefined) {
    const hint = 'Proxmox VE removes it at its next turn; apply again after that'
    return [{ field: 'job', have: 'being removed', want: `to ${to}`, waits: 'turn', hint }]
  }
  const isDisabled = /^(1|true)$/.test(String(have?.disable ?? 0))
  const fields = [
    { field: 'target', have: have && to, want: to },
    { field: 'schedule', have: have && (have.schedule ?? '*/15'), want: schedule },
    {
      field: 'rate',
      have: have?.rate === undefined ? undefined : String(Number(have.rate)),
      want: rate && String(rate),
    },
    { field: 'disable', have: isDisabled ? '1' : undefined, want: undefined },
  ]
  return fields
    .filter((field) => field.have !== field.want)
    .map(({ field, have, want }) => ({ field, ...(have ? { have } : {}), ...(want ? { want } : {}) }))
}

function foreign({ name, group }: Guest, { id, target }: ListedReplication): OrionError {
  return new OrionError(
    `${name} is replicated to ${target} already, by a job that was not made for this site (${id})`,
    {
      code: 'E_FOREIGN',
      suggestions: [
        `take ${target} out of guests.${group}.replicate, or remove that job after a look: pvesr delete ${id}`,
      ],
    },
  )
}
