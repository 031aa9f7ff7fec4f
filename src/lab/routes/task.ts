// Tasks of a node and of the cluster: lists with filters, state, log, stopping.

import { toList } from '../property.ts'
import { failure } from '../refusal.ts'
import { demand } from '../rights.ts'
import { type Call, envelope, type Routes } from '../route.ts'
import { stopTask } from '../tasks.ts'
import type { TaskState } from '../world.ts'

const DEFAULT_ROWS = 50
const UPID = /^UPID:([^:]+):([0-9A-F]{8}):([0-9A-F]{8,9}):([0-9A-F]{8}):([^:]+):([^:]*):([^:]+):$/i

function getTask(call: Call): TaskState {
  const upid = String(call.ids.upid)
  const task = call.world.state.tasks[upid]
  if (task && task.node === call.ids.node) return task
  if (!UPID.test(upid)) throw failure(`unable to parse worker upid '${upid}'`)
  throw failure(`no such task`)
}

/** A task is for its user, also through a token, and for who may look at its node. */
function isOwn(call: Call, task: TaskState): boolean {
  const name = call.who.token ?? call.who.user
  return task.user === name || (call.who.token === undefined && task.user.split('!')[0] === call.who.user)
}

function ownTask(call: Call, privilege: string): TaskState {
  const task = getTask(call)
  if (!isOwn(call, task)) demand(call, `/nodes/${task.node}`, [privilege])
  return task
}

function taskRow(task: TaskState): Record<string, unknown> {
  const [, , pid, pstart] = UPID.exec(task.upid) ?? []
  const row: Record<string, unknown> = {
    upid: task.upid,
    node: task.node,
    pid: Number.parseInt(pid ?? '0', 16),
    pstart: Number.parseInt(pstart ?? '0', 16),
    starttime: Math.floor(task.startMs / 1000),
    type: task.type,
    id: task.id,
    user: task.user,
  }
  if (task.endMs !== undefined) {
    row.endtime = Math.floor(task.endMs / 1000)
    row.status = task.exit
  }
  return row
}

function isFailed({ exit = 'OK' }: TaskState): boolean {
  return exit !== 'OK' && !exit.startsWith('WARNINGS')
}

function statusClass({ exit }: TaskState): string {
  if (exit === undefined) return 'unknown'
  return exit === 'OK' ? 'ok' : exit.startsWith('WARNINGS') ? 'warning' : 'error'
}

function matches(task: TaskState, params: Call['params']): boolean {
  const { source = 'archive', vmid, typefilter, userfilter, since, until, errors, statusfilter } = params
  const running = task.endMs === undefined
  const startSeconds = task.startMs / 1000
  if (source === 'active' ? !running : source === 'archive' && running) return false
  if (vmid !== undefined && task.id !== String(vmid)) return false
  if (typefilter !== undefined && task.type !== typefilter) return false
  if (userfilter !== undefined && !task.user.includes(String(userfilter))) return false
  if (since !== undefined && startSeconds < Number(since)) return false
  if (until !== undefined && startSeconds > Number(until)) return false
  if (statusfilter !== undefined && !toList(statusfilter).includes(statusClass(task))) return false
  return errors !== true || isFailed(task)
}

function listTasks(call: Call): unknown {
  const { params, ids, world } = call
  const all = call.allowed(`/nodes/${ids.node}`, ['Sys.Audit'])
  const found = Object.values(world.state.tasks).filter(
    (task) => task.node === ids.node && matches(task, params) && (all || isOwn(call, task)),
  )
  const start = Number(params.start ?? 0)
  const limit = Number(params.limit ?? DEFAULT_ROWS)
  return found
    .reverse()
    .slice(start, limit === 0 ? undefined : start + limit)
    .map(taskRow)
}

function listClusterTasks(call: Call): unknown {
  const all = call.allowed('/', ['Sys.Audit'])
  const rows = Object.values(call.world.state.tasks).filter((task) => all || isOwn(call, task))
  return rows.reverse().slice(0, DEFAULT_ROWS).map(taskRow)
}

function taskStatus(call: Call): unknown {
  const task = ownTask(call, 'Sys.Audit')
  const { status: exitstatus, endtime: _, ...row } = taskRow(task)
  const [user, token] = task.user.split('!')
  const owner = token === undefined ? { user } : { user, tokenid: token }
  return {
    ...row,
    ...owner,
    status: task.endMs === undefined ? 'running' : 'stopped',
    ...(exitstatus === undefined ? {} : { exitstatus }),
  }
}

function taskLog(call: Call): unknown {
  const { log } = ownTask(call, 'Sys.Audit')
  const start = Number(call.params.start ?? 0)
  const limit = Number(call.params.limit ?? DEFAULT_ROWS)
  const lines = log.slice(start, limit === 0 ? undefined : start + limit)
  // An empty log still has a line, which says so.
  if (log.length === 0) return envelope([{ n: 1, t: 'no content' }], { total: 1 })
  return envelope(
    lines.map((t, index) => ({ n: start + index + 1, t })),
    { total: log.length },
  )
}

export const taskRoutes: Routes = {
  'GET /nodes/{node}/tasks': listTasks,
  'GET /cluster/tasks': listClusterTasks,
  'GET /nodes/{node}/tasks/{upid}': (call) => {
    getTask(call)
    return [{ name: 'log' }, { name: 'status' }]
  },
  'GET /nodes/{node}/tasks/{upid}/status': taskStatus,
  'GET /nodes/{node}/tasks/{upid}/log': taskLog,
  'DELETE /nodes/{node}/tasks/{upid}': (call) => {
    stopTask(call.world, ownTask(call, 'Sys.Modify').upid)
    return null
  },
}
