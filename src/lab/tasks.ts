// Tasks: work that goes on after the answer, with a UPID, a log and an end, as forked workers of Proxmox VE have.
import { textOf } from './refusal.ts'
import type { Who } from './route.ts'
import type { TaskFault, TaskState, World } from './world.ts'

/** What the work of a task may do while it runs. */
export interface Job {
  readonly upid: string
  log(line: string): void
  /** A line that counts: a task with warnings ends as `WARNINGS: n`. */
  warn(line: string): void
  /** Lets time pass: milliseconds at pace 1. Throws when the task is stopped, or when a fault wants it to fail. */
  take(ms: number): Promise<void>
}

export interface TaskStart {
  readonly node: string
  readonly type: string
  /** VMID, storage or file name; may be empty. */
  readonly id: string
  readonly who: Who
}

interface Runtime {
  pid: number
  readonly running: Map<string, AbortController>
}

const FIRST_PID = 0x1000
const KEPT_TASKS = 2000
const KEPT_LINES = 2000
const runtimes = new WeakMap<World, Runtime>()

function runtimeOf(world: World): Runtime {
  let runtime = runtimes.get(world)
  if (!runtime) {
    runtime = { pid: FIRST_PID + Object.keys(world.state.tasks).length, running: new Map() }
    runtimes.set(world, runtime)
  }
  return runtime
}

/** Is work going on? The lab does not end itself while it is. */
export function isBusy(world: World): boolean {
  return runtimeOf(world).running.size > 0
}

/** Starts the work and gives its UPID at once; the work goes on whether or not anybody waits for it. */
export function startTask(world: World, start: TaskStart, work: (job: Job) => Promise<void>): string {
  const runtime = runtimeOf(world)
  const task = newTask(world, runtime, start)
  const control = new AbortController()
  runtime.running.set(task.upid, control)
  world.state.tasks[task.upid] = task
  prune(world)
  world.changed()
  const fault = world.taskFault?.(start.type, start.id)
  void run(world, task, control, fault, work).finally(() => {
    runtime.running.delete(task.upid)
    world.changed()
  })
  return task.upid
}

function newTask(world: World, runtime: Runtime, { node, type, id, who }: TaskStart): TaskState {
  const user = who.token ?? who.user
  const startMs = world.now()
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0')
  let upid: string
  do {
    runtime.pid += 1
    const start = Math.floor(startMs / 10) % 0xffffffff
    upid = `UPID:${node}:${hex(runtime.pid)}:${hex(start)}:${hex(Math.floor(startMs / 1000))}:${type}:${id}:${user}:`
  } while (world.state.tasks[upid])
  return { upid, node, type, id, user, startMs, log: [] }
}

async function run(
  world: World,
  task: TaskState,
  control: AbortController,
  fault: TaskFault | undefined,
  work: (job: Job) => Promise<void>,
): Promise<void> {
  let warnings = 0
  let pending = fault
  const log = (line: string) => {
    if (task.log.length < KEPT_LINES) task.log.push(line)
  }
  const warn = (line: string) => {
    warnings += 1
    log(`WARN: ${line}`)
  }
  // A fault strikes the first time the work lets time pass, so that the work still tidies up as after a real failure.
  const strike = async () => {
    const { slowMs = 0, fail, warn: warning } = pending ?? {}
    pending = undefined
    if (slowMs > 0) await sleep(slowMs, control.signal)
    if (warning !== undefined) warn(warning)
    if (fail !== undefined) throw new Error(fail)
  }
  const take = async (ms: number) => {
    await sleep(ms * world.pace, control.signal)
    await strike()
  }
  try {
    await work({ upid: task.upid, log, warn, take })
    await strike()
    task.exit = warnings > 0 ? `WARNINGS: ${warnings}` : 'OK'
    log(warnings > 0 ? `TASK WARNINGS: ${warnings}` : 'TASK OK')
  } catch (error) {
    task.exit = textOf(error)
    log(`TASK ERROR: ${task.exit}`)
  }
  task.endMs = world.now()
}

/** Waits in real milliseconds; throws as soon as the signal says stop. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error('interrupted by signal'))
    if (ms <= 0) return resolve()
    const stop = () => {
      clearTimeout(timer)
      reject(new Error('interrupted by signal'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Stops one running task; one that has ended stays as it is. */
export function stopTask(world: World, upid: string): void {
  runtimeOf(world).running.get(upid)?.abort()
}

/** Stops everything and waits until the last piece of work has tidied up. */
export async function stopAllTasks(world: World): Promise<void> {
  const { running } = runtimeOf(world)
  while (running.size > 0) {
    // Again and again: work that ends may start other work, such as the start after a creation.
    for (const control of running.values()) control.abort()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Forgets the oldest tasks that have ended, a quarter at a time, so that a lab may run for long. */
function prune(world: World): void {
  const { tasks } = world.state
  const upids = Object.keys(tasks)
  if (upids.length <= KEPT_TASKS) return
  const ended = upids.filter((upid) => tasks[upid]?.endMs !== undefined)
  for (const upid of ended.slice(0, KEPT_TASKS / 4)) delete tasks[upid]
}
