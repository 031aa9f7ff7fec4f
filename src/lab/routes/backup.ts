// /cluster/backup: jobs of vzdump. Nothing is ever run by them; a missing one gives an error inside an error.
import { nextEvent } from '../../site/calendar-event.ts'
import { plainValue } from '../option-value.ts'
import { parseProperties, toList } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import { demand } from '../rights.ts'
import type { Call, Routes } from '../route.ts'
import type { WorldState } from '../world.ts'

type Job = NonNullable<WorldState['backupJobs']>[string]

const ROOT_ONLY = ['tmpdir', 'dumpdir', 'script']
const CONTROL = new Set(['id', 'delete', 'starttime', 'dow'])
/** What selects guests: one of them, not two. */
const CHOICES = ['vmid', 'all', 'pool', 'exclude']

function jobsOf({ world }: Call): Record<string, Job> {
  world.state.backupJobs ??= {}
  return world.state.backupJobs
}

function getJob(call: Call): Job {
  const id = String(call.ids.id)
  const job = Object.hasOwn(jobsOf(call), id) ? jobsOf(call)[id] : undefined
  if (!job) throw failure('400 Parameter verification failed.\nid: No such job')
  return job
}

/** As the API tells it: what is kept comes in its parts, and when it runs next is computed. */
function shown({ world }: Call, id: string, job: Job): Record<string, unknown> {
  const { 'prune-backups': prune, ...rest } = job
  const next = nextEvent(String(job.schedule), Math.floor(world.now() / 1000))
  return {
    id,
    type: 'vzdump',
    ...rest,
    ...(prune === undefined ? {} : { 'prune-backups': parseProperties(String(prune), '') }),
    ...(next === undefined || job.enabled === 0 ? {} : { 'next-run': next }),
  }
}

function settingsOf({ params }: Call): Job {
  const given = Object.entries(params).filter(([key]) => !CONTROL.has(key))
  return Object.fromEntries(given.map(([key, value]) => [key, plainValue(key, value)]))
}

function checkRights(call: Call): void {
  const { params, who } = call
  if (who.user === 'root@pam' && who.token === undefined) return
  for (const key of ROOT_ONLY) if (key in params) throw invalid({ [key]: 'Only root may set this option.' })
  if (params.storage !== undefined) demand(call, `/storage/${params.storage}`, ['Datastore.Allocate'])
}

/** What vzdump itself refuses. */
function checkJob(job: Job): void {
  if (job.all === 1 && job.vmid !== undefined) throw invalid({ all: "option conflicts with option 'vmid'" })
  if (job.all !== 1 && job.vmid === undefined && job.pool === undefined) throw invalid({ vmid: 'property is missing' })
  if (job.pool !== undefined && job.vmid !== undefined) throw invalid({ pool: "option conflicts with option 'vmid'" })
}

function create(call: Call): null {
  checkRights(call)
  const { id } = call.params
  if (call.params.schedule === undefined) throw invalid({ schedule: 'property is missing and it is not optional' })
  const jobs = jobsOf(call)
  const name = id === undefined ? `backup-${Object.keys(jobs).length + 1}` : String(id)
  if (Object.hasOwn(jobs, name)) throw failure(`Job '${name}' already exists`)
  const job: Job = { enabled: 1, ...settingsOf(call) }
  checkJob(job)
  jobs[name] = job
  call.world.changed()
  return null
}

function update(call: Call): null {
  checkRights(call)
  const job = { ...getJob(call) }
  const given = settingsOf(call)
  for (const key of toList(call.params.delete)) delete job[key]
  const chosen = CHOICES.find((key) => key in given)
  if (chosen !== undefined) for (const key of CHOICES) delete job[key]
  Object.assign(job, given)
  checkJob(job)
  jobsOf(call)[String(call.ids.id)] = job
  call.world.changed()
  return null
}

export const backupRoutes: Routes = {
  'GET /cluster/backup': (call) => Object.entries(jobsOf(call)).map(([id, job]) => shown(call, id, job)),
  'POST /cluster/backup': create,
  'GET /cluster/backup/{id}': (call) => shown(call, String(call.ids.id), getJob(call)),
  'PUT /cluster/backup/{id}': update,
  'DELETE /cluster/backup/{id}': (call) => {
    getJob(call)
    delete jobsOf(call)[String(call.ids.id)]
    call.world.changed()
    return null
  },
  'GET /cluster/jobs/schedule-analyze': ({ params, world }) => {
    const times: { timestamp: number; utc: string }[] = []
    let at: number | undefined = Number(params.starttime ?? Math.floor(world.now() / 1000))
    for (let left = Number(params.iterations ?? 10); left > 0; left -= 1) {
      at = nextEvent(String(params.schedule), at)
      if (at === undefined) break
      times.push({ timestamp: at, utc: `${new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC` })
    }
    return times
  },
}
