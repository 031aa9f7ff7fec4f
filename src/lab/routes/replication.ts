// /cluster/replication: copies of ZFS disks on another node. In the lab each job has run at its last time, without an error.
import { nextEvent } from '../../site/calendar-event.ts'
import { plainValue } from '../option-value.ts'
import { toList } from '../property.ts'
import { failure } from '../refusal.ts'
import { demand } from '../rights.ts'
import type { Call, Routes } from '../route.ts'
import { storageOf, volumesOf } from '../volume-index.ts'
import type { GuestState, WorldState } from '../world.ts'

type Job = NonNullable<WorldState['replications']>[string]

const CONTROL = new Set(['id', 'delete', 'digest', 'type', 'keep', 'force'])
const FIXED = new Set(['target'])
const DEFAULT_SCHEDULE = '*/15'

function jobsOf({ world }: Call): Record<string, Job> {
  world.state.replications ??= {}
  return world.state.replications
}

function getJob(call: Call): Job {
  const id = String(call.ids.id)
  const job = Object.hasOwn(jobsOf(call), id) ? jobsOf(call)[id] : undefined
  if (!job) throw failure(`no such replication job '${id}'`)
  return job
}

const guestOf = (id: string): number => Number(id.split('-')[0])

/** Version 9 has a privilege for it; before, the schema asks for one on all storages. */
function checkRights(call: Call, id: string): void {
  if (Number.parseInt(call.world.state.hardware.version, 10) >= 9) demand(call, `/vms/${guestOf(id)}`, ['VM.Replicate'])
}

const mayRead = (call: Call, id: string): boolean => call.allowed(`/vms/${guestOf(id)}`, ['VM.Audit'])

function shown(id: string, { 'lab-error': _, ...job }: Job): Record<string, unknown> {
  return { id, type: 'local', guest: guestOf(id), jobnum: Number(id.split('-')[1]), ...job }
}

function settingsOf({ params }: Call): Job {
  const given = Object.entries(params).filter(([key]) => !CONTROL.has(key))
  return Object.fromEntries(given.map(([key, value]) => [key, plainValue(key, value)]))
}

function create(call: Call): null {
  const { params, world } = call
  const id = String(params.id)
  checkRights(call, id)
  const guest = world.state.guests[String(guestOf(id))]
  if (!guest) throw failure(`Guest '${guestOf(id)}' does not exist`)
  const target = String(params.target)
  if (!world.state.hardware.nodes.some(({ name }) => name === target))
    throw failure(`Target '${target}' does not exist`)
  checkVolumes(call, guest)
  if (target === guest.node) throw failure('Source and target node are identical')
  const jobs = jobsOf(call)
  if (Object.hasOwn(jobs, id)) throw failure(`replication job '${id}' already exists`)
  const same = Object.entries(jobs).some(([other, job]) => guestOf(other) === guest.vmid && job.target === target)
  if (same) throw failure(`replication job for guest '${guest.vmid}' to target '${target}' already exists`)
  jobs[id] = { source: guest.node, ...settingsOf(call) }
  world.changed()
  return null
}

function checkVolumes({ world }: Call, guest: GuestState): void {
  const volumes = volumesOf(world.state, guest.vmid)
  const other = volumes.find(({ volid }) => world.state.storage[storageOf(volid)]?.type !== 'zfspool')
  if (other) throw failure(`missing replicate feature on volume '${other.volid}'`)
  if (volumes.length === 0) throw failure('No replicatable volumes found')
}

function update(call: Call): null {
  const job = getJob(call)
  checkRights(call, String(call.ids.id))
  for (const key of toList(call.params.delete)) {
    if (FIXED.has(key)) throw failure(`unable to delete required option '${key}'`)
    delete job[key]
  }
  Object.assign(job, settingsOf(call))
  call.world.changed()
  return null
}

/** Without `force` a job is only marked: what runs on the nodes removes it, with the copies, at its next turn. */
function remove(call: Call): null {
  const job = getJob(call)
  const id = String(call.ids.id)
  checkRights(call, id)
  if (call.params.force === true) delete jobsOf(call)[id]
  else job.remove_job = call.params.keep === true ? 'local' : 'full'
  call.world.changed()
  return null
}

/** As `pvesr status` of the source tells it. */
function status(call: Call, id: string, job: Job): Record<string, unknown> {
  const schedule = String(job.schedule ?? DEFAULT_SCHEDULE)
  const now = Math.floor(call.world.now() / 1000)
  const error = job['lab-error']
  const fault = error === undefined ? { fail_count: 0 } : { fail_count: 3, error }
  const last = lastEvent(schedule, now)
  const next = nextEvent(schedule, now) ?? 0
  return { ...shown(id, job), ...fault, last_try: last, last_sync: last, next_sync: next, duration: 1.5 }
}

function lastEvent(schedule: string, now: number): number {
  for (const span of [3600, 86_400, 32 * 86_400]) {
    let last = 0
    for (let at = nextEvent(schedule, now - span); at !== undefined && at <= now; at = nextEvent(schedule, at))
      last = at
    if (last > 0) return last
  }
  return 0
}

export const replicationRoutes: Routes = {
  'GET /cluster/replication': (call) =>
    Object.entries(jobsOf(call)).flatMap(([id, job]) => (mayRead(call, id) ? [shown(id, job)] : [])),
  'POST /cluster/replication': create,
  'GET /cluster/replication/{id}': (call) => {
    const job = getJob(call)
    if (!mayRead(call, String(call.ids.id))) demand(call, `/vms/${guestOf(String(call.ids.id))}`, ['VM.Audit'])
    return shown(String(call.ids.id), job)
  },
  'PUT /cluster/replication/{id}': update,
  'DELETE /cluster/replication/{id}': remove,
  'GET /nodes/{node}/replication': (call) =>
    Object.entries(jobsOf(call))
      .filter(([id, { source }]) => source === call.ids.node && mayRead(call, id))
      .filter(([id]) => call.params.guest === undefined || guestOf(id) === Number(call.params.guest))
      .map(([id, job]) => status(call, id, job)),
}
