// Proof that a backup job has done its work: each of its guests has a backup since the job was last due, and no run failed.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** Times in seconds since 1970. */
interface SeenBackups {
  /** The last time that it was due, long enough ago; undefined = never yet. */
  readonly due?: number
  readonly next?: number
  readonly guests: readonly { readonly name: string; readonly newest?: number }[]
  readonly failed: readonly { readonly node: string; readonly text: string; readonly ended: number }[]
}

const MOST_NAMED = 5

/** Warnings: the guests run, and a job that has just been made had no time for anything. */
export function backupFresh(
  cluster: string,
  job: { readonly name: string; readonly id: string },
  look: (outside: Outside) => Promise<SeenBackups>,
): Probe {
  const run = async (outside: Outside) => judge(job.id, await look(outside))
  return { id: `backup-fresh:${cluster}/${job.name}`, title: job.name, run }
}

function judge(id: string, { due, next, guests, failed }: SeenBackups): ProbeResult {
  const expected = 'a backup of every guest since the job was last due, and no failed run'
  const [run] = failed
  if (run) {
    const hint = `the log of the last vzdump task of ${run.node} says why`
    const seen = failed.map(({ node, text }) => `the last run on ${node} ended with: ${text}`).join('; ')
    return { state: 'warning', expected, seen, hint, since: toIso(run.ended) }
  }
  const old = guests.filter(({ newest = 0 }) => newest < (due ?? 0))
  if (old.length === 0) return { state: 'ok', expected, seen: ageOf(guests, due) }
  const shown = old.slice(0, MOST_NAMED).map(({ name, newest }) => `${name} ${newest ? toIso(newest) : 'never'}`)
  const more = old.length > shown.length ? `, and ${old.length - shown.length} more` : ''
  const hint = `${next === undefined ? '' : `it runs next at ${toIso(next)}; `}in Proxmox VE: Datacenter, Backup, ${id}, Run now`
  const since = due === undefined ? {} : { since: toIso(due) }
  return { state: 'warning', expected, seen: `last backups: ${shown.join(', ')}${more}`, hint, ...since }
}

function ageOf(guests: SeenBackups['guests'], due: number | undefined): string {
  const times = guests.flatMap(({ newest }) => newest ?? [])
  if (due === undefined && times.length < guests.length) return 'not due yet'
  return `the oldest is of ${toIso(Math.min(...times))}`
}

const toIso = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
