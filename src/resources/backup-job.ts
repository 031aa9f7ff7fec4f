// A backup job of a cluster (vzdump): which guests, when, onto which storage, and how many of them stay.
import { OrionError } from '../errors.ts'
import type { Cluster } from '../pve/pve.ts'
import type { Difference, Resource, ResourceId } from '../resource.ts'
import type { Backup, Guest, Site, Storage } from '../site/site.ts'
import { markOf } from './device-mapping.ts'

/** As GET /cluster/backup gives it; numbers and texts mixed. */
export type ListedJob = Readonly<Record<string, unknown>> & { readonly id: string }

export interface BackupJobOptions {
  readonly cluster: string
  /** Over which it is reached. */
  readonly node: string
  /** Those of this cluster. */
  readonly guests: readonly Guest[]
  readonly needs: readonly ResourceId[]
}

/** The jobs of a cluster; those of the whole cluster are one list. */
export function backupJobs(cluster: Cluster): Promise<readonly ListedJob[]> {
  return cluster.once('backup-jobs', async () => (await cluster.api.cluster.backup.$get()) as readonly ListedJob[])
}

/** Was it made for this site? */
export const isOwnJob = (site: Pick<Site, 'name'>, { comment }: ListedJob): boolean => comment === markOf(site.name)

/** A job of the site on one cluster. Errors: E_FOREIGN for one of that id that is not the site's. */
export function backupJob(site: Site, job: Backup, options: BackupJobOptions): Resource<ListedJob> {
  const { cluster, node, needs } = options
  const wanted = wantedOf(site, job, options)
  return {
    id: `backup-job:${cluster}/${job.name}`,
    title: job.name,
    needs,
    async observe({ pve }) {
      const found = (await backupJobs(pve.cluster(node))).find(({ id }) => id === job.id)
      if (found && !isOwnJob(site, found)) throw foreign(job)
      return found
    },
    diff: (have) => diffJob(wanted, have),
    async create({ pve }) {
      const given = Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const settings = { ...Object.fromEntries(given), id: job.id, comment: markOf(site.name) }
      await pve.cluster(node).api.cluster.backup.$post(untyped(settings))
    },
    async update({ pve }, have) {
      const differences = diffJob(wanted, have)
      const set = differences.flatMap(({ field, want }) => (want === undefined ? [] : [[field, want]]))
      const drop = differences.flatMap(({ field, want }) => (want === undefined ? [field] : []))
      const settings = { ...Object.fromEntries(set), ...(drop.length === 0 ? {} : { delete: drop.join(',') }) }
      await pve.cluster(node).api.cluster.backup.$(job.id).$put(untyped(settings))
    },
    async remove({ pve }) {
      await pve.cluster(node).api.cluster.backup.$(job.id).$delete()
    },
  }
}

/** Every option that is ours; undefined = must not be set. */
type Wanted = Readonly<Record<string, string | undefined>>

function wantedOf(site: Site, job: Backup, { guests }: BackupJobOptions): Wanted {
  const storage: Storage | undefined = site.storage.find(({ name }) => name === job.storage)
  const keep = Object.entries(job.keep ?? {}).map(([kind, count]) => `keep-${kind}=${count}`)
  return {
    schedule: job.schedule,
    storage: job.storage,
    mode: job.mode,
    // A backup server compresses by itself, and is told nothing.
    compress: storage?.type === 'pbs' || job.compress === 'none' ? '0' : job.compress,
    vmid: guests
      .map(({ vmid }) => vmid)
      .sort((a, b) => a - b)
      .join(','),
    'prune-backups': keep.length === 0 ? undefined : keep.sort().join(','),
    bwlimit: job.bandwidthKib === undefined ? undefined : String(job.bandwidthKib),
    node: undefined,
    enabled: '1',
  }
}

/** What Proxmox VE takes an absent option to be. */
const DEFAULTS: Readonly<Record<string, string>> = { mode: 'snapshot', compress: '0', enabled: '1' }

function diffJob(wanted: Wanted, have: ListedJob | undefined): Difference[] {
  return Object.entries(wanted).flatMap(([field, want]) => {
    const stored = have && (textOf(field, have) ?? DEFAULTS[field])
    if (stored === want || (have === undefined && want === undefined)) return []
    return [{ field, ...(stored === undefined ? {} : { have: stored }), ...(want === undefined ? {} : { want }) }]
  })
}

/** One spelling for what means the same. */
function textOf(field: string, have: ListedJob): string | undefined {
  const value = have[field]
  if (field === 'vmid' && value === undefined) return have.pool === undefined ? 'all' : `pool ${have.pool}`
  if (value === undefined || value === '') return undefined
  // What is kept is told in its parts, and taken as one text.
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map((entry) => entry.join('='))
      .sort()
      .join(',')
  const text = String(value)
  if (field === 'vmid') return toSorted(text, (a, b) => Number(a) - Number(b))
  return field === 'prune-backups' ? toSorted(text) : field === 'bwlimit' && text === '0' ? undefined : text
}

const toSorted = (list: string, order?: (a: string, b: string) => number): string =>
  list
    .split(/[,;\s]+/)
    .sort(order)
    .join(',')

function foreign({ name, id }: Backup): OrionError {
  return new OrionError(`the backup job ${id} exists, and was not made for this site`, {
    code: 'E_FOREIGN',
    suggestions: [`give backup.${name} another name in the site file, or remove that job after a look at it`],
  })
}

// proxmox-api types the options of a job one by one; the API itself checks every name and value.
function untyped<T>(settings: Readonly<Record<string, string>>): T {
  return settings as T
}
