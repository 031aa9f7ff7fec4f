// What became of a backup job: when it was due, what lies on its storage, and how the last runs ended.
import type { Cluster } from '../pve/pve.ts'
import type { Outside } from '../resource.ts'
import type { Backup, Guest, Storage } from '../site/site.ts'
import { backupJobs } from './backup-job.ts'
import { isNotFound } from './shared-reads.ts'

/** Times in seconds since 1970. */
export interface BackupSight {
  /** The last time that it was due and long enough ago to be through; undefined = never yet. */
  readonly due?: number
  readonly next?: number
  /** Each guest with its newest backup. */
  readonly guests: readonly { readonly name: string; readonly newest?: number }[]
  /** Nodes whose last backup run ended with an error. */
  readonly failed: readonly { readonly node: string; readonly text: string; readonly ended: number }[]
}

/** A run over many guests takes its time: sooner nothing is missed. */
const GRACE_SECONDS = 6 * 3600
const DAY = 86_400
/** How far back a last time is looked for; the API tells a hundred at most. */
const SPANS = [DAY / 24, DAY, 8 * DAY, 32 * DAY, 370 * DAY]

export interface BackupLook {
  readonly job: Backup
  /** Those of one cluster. */
  readonly guests: readonly Guest[]
  readonly storage: Storage | undefined
  /** Seconds since 1970. */
  readonly now: number
}

/** Takes guests of one cluster. Errors: those of Proxmox VE. */
export async function readBackups(look: BackupLook, { pve }: Outside): Promise<BackupSight> {
  const { job, guests, storage, now } = look
  const nodes = [...new Set(guests.map(({ node }) => node))]
  const cluster = pve.cluster(nodes[0] ?? '')
  const readers = storage?.shared ? nodes.slice(0, 1) : nodes
  const [due, listed, rows, runs] = await Promise.all([
    lastDue(cluster, job.schedule, now - GRACE_SECONDS),
    backupJobs(cluster),
    Promise.all(readers.map((node) => backupsOn(cluster, node, job.storage))),
    Promise.all(nodes.map((node) => lastRun(cluster, node))),
  ])
  const newest = new Map<number, number>()
  for (const { vmid, ctime } of rows.flat()) newest.set(vmid, Math.max(newest.get(vmid) ?? 0, ctime))
  const next = Number(listed.find(({ id }) => id === job.id)?.['next-run'] ?? Number.NaN)
  return {
    ...(due === undefined ? {} : { due }),
    ...(Number.isNaN(next) ? {} : { next }),
    guests: guests.map(({ name, vmid }) => {
      const time = newest.get(vmid)
      return { name, ...(time === undefined ? {} : { newest: time }) }
    }),
    failed: runs.flatMap((run) => (run === undefined || /^(OK|WARNINGS)/.test(run.text) ? [] : [run])),
  }
}

/** By the clock of the nodes, which the API knows. */
async function lastDue(cluster: Cluster, schedule: string, until: number): Promise<number | undefined> {
  for (const span of SPANS) {
    const wish = { schedule, starttime: Math.floor(until - span), iterations: 100 }
    const times = await cluster.once(`schedule:${schedule}:${span}`, () =>
      cluster.api.cluster.jobs['schedule-analyze'].$get(wish),
    )
    const last = times.map(({ timestamp }) => Number(timestamp)).findLast((time) => time <= until)
    if (last !== undefined) return last
  }
  return undefined
}

interface StoredBackup {
  readonly vmid: number
  readonly ctime: number
}

function backupsOn(cluster: Cluster, node: string, storage: string): Promise<readonly StoredBackup[]> {
  return cluster.once(`backups:${node}:${storage}`, async () => {
    try {
      const rows = await cluster.api.nodes.$(node).storage.$(storage).content.$get({ content: 'backup' })
      return rows.map(({ vmid = 0, ctime = 0 }) => ({ vmid: Number(vmid), ctime: Number(ctime) }))
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  })
}

async function lastRun(cluster: Cluster, node: string): Promise<BackupSight['failed'][number] | undefined> {
  const [last] = await cluster.once(`backup-runs:${node}`, () =>
    cluster.api.nodes.$(node).tasks.$get({ typefilter: 'vzdump', limit: 1 }),
  )
  return last && { node, text: String(last.status ?? 'it did not end'), ended: Number(last.endtime ?? last.starttime) }
}
