// Waiting for a task of Proxmox VE, and what its end means.
import { OrionError, pickTelling } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { TaskNote } from './pve.ts'
import { recognise } from './refusal.ts'
import { interrupted, pause } from './stop.ts'
import { parseUpid, type Upid } from './upid.ts'

export interface WaitOptions {
  readonly timeoutMs?: number
  /** Ends the wait at once; the task goes on. */
  readonly signal: AbortSignal
  /** How long its log is not looked at. Default 1.5 s: a task that is over sooner has nothing to tell meanwhile. */
  readonly quietMs?: number
}

/** The first pause between two looks, and the longest. */
const FIRST_MS = 50
const LONGEST_MS = 1000
/** How long the node may be silent while we wait. */
const SILENCE_MS = 60_000
/** How long a new task may be unknown: another node's pveproxy can answer before the task's node has it in its list. */
const UNKNOWN_MS = 3000
/** Lines of a log that are asked for at once, and of these, those that are passed on with one look while the task runs. */
const PAGE = 500
const MOST_NEWS = 50
const QUIET_MS = 1500

/**
 * Waits for the end of a task. Errors: E_TASK with the log's tail (also when the time is over, with recheck), E_PVE_BUSY
 * (recheck) where a lock could not be had, E_INTERRUPTED, E_PVE_LOST (recheck) when nothing was heard for a minute.
 */
export async function waitForTask(engine: Engine, upid: string, note: TaskNote, options: WaitOptions): Promise<void> {
  const task = parseUpid(upid)
  note({ kind: 'task', upid, state: 'running' })
  const listen = makeListener(engine, task, note, options.quietMs ?? QUIET_MS)
  const status = await waitForEnd(engine, task, { ...options, listen })
  await listen()
  note({ kind: 'task', upid, state: 'ended' })
  if (status === 'OK') return
  const tail = await readTail(engine, task)
  // The status is the end of the message before it.
  const telling = pickTelling(tail.filter((line) => line !== `TASK ERROR: ${status}`))
  const log = telling.map((line) => `\n  ${line}`).join('')
  if (/^WARNINGS: \d+$/.test(status))
    return note({ kind: 'warning', text: `${title(task)} ended with ${status}${log}` })
  const busy = recognise(status) === 'E_PVE_BUSY'
  throw new OrionError(`${title(task)} failed: ${status}${log}`, {
    code: busy ? 'E_PVE_BUSY' : 'E_TASK',
    recheck: busy,
    suggestions: [`The whole log: pvenode task log ${upid} (on ${task.node})`],
  })
}

interface Listening extends WaitOptions {
  /** Looks whether the log has more. */
  listen(): Promise<void>
}

/** Passes the log on from where it was read last: nothing of a task that is over soon. Not to have it hinders nobody. */
function makeListener(engine: Engine, task: Upid, note: TaskNote, quietMs: number): () => Promise<void> {
  const began = Date.now()
  let read = 0
  return async () => {
    if (Date.now() - began < quietMs) return
    try {
      const { data, total = 0 } = await call(engine, task, 'log', { start: read, limit: PAGE })
      const lines = toLogLines(data)
      // An empty log has one line that says so, and a long one may have had more than was asked for.
      if (lines.length === 0 || (read === 0 && total <= 1 && lines[0] === 'no content')) return
      const isCut = total > read + lines.length
      for (const text of lines.filter((line) => line.trim() !== '').slice(-MOST_NEWS))
        note({ kind: 'log', upid: task.text, text })
      read = isCut ? total : read + lines.length
    } catch {
      // The status tells whether it is the task or the way to it that is gone.
    }
  }
}

async function waitForEnd(engine: Engine, task: Upid, { signal, timeoutMs, listen }: Listening): Promise<string> {
  const began = Date.now()
  let heard = began
  for (let wait = FIRST_MS; ; wait = Math.min(wait * 1.5, LONGEST_MS)) {
    try {
      const status = await readStatus(engine, task)
      if (status !== undefined) return status
      heard = Date.now()
      await listen()
    } catch (error) {
      if (signal.aborted) throw leave(task)
      checkPatience(error, task, Date.now() - heard)
    }
    if (timeoutMs !== undefined && Date.now() - began >= timeoutMs) throw overdue(task, timeoutMs)
    const left = timeoutMs === undefined ? wait : Math.max(1, began + timeoutMs - Date.now())
    await pause(Math.min(wait, left), signal, '').catch(() => {
      throw leave(task)
    })
  }
}

/** The exit status, undefined while the task runs. */
async function readStatus(engine: Engine, task: Upid): Promise<string | undefined> {
  const { data } = await call(engine, task, 'status')
  if (typeof data !== 'object' || data === null || !('status' in data) || data.status !== 'stopped') return undefined
  return 'exitstatus' in data && typeof data.exitstatus === 'string' ? data.exitstatus : 'unknown exit status'
}

function checkPatience(error: unknown, task: Upid, silentMs: number): void {
  if (!(error instanceof OrionError)) throw error
  if (error.code === 'E_PVE_NOT_FOUND' && silentMs < UNKNOWN_MS) return
  if (error.code !== 'E_PVE_UNREACHABLE' && error.code !== 'E_PVE_ANSWER') throw error
  if (silentMs < SILENCE_MS) return
  throw new OrionError(`Nothing heard of ${title(task)} for ${SILENCE_MS / 1000} s; it may still run`, {
    code: 'E_PVE_LOST',
    recheck: true,
    cause: error,
  })
}

/** The last lines of the log. Not to have them is no reason to hide how the task ended. */
async function readTail(engine: Engine, task: Upid): Promise<readonly string[]> {
  try {
    const { data, total = 0 } = await call(engine, task, 'log', { start: 0, limit: PAGE })
    const lines = total > PAGE ? (await call(engine, task, 'log', { start: total - PAGE, limit: PAGE })).data : data
    return toLogLines(lines).filter((line) => line.trim() !== '')
  } catch {
    return []
  }
}

function toLogLines(data: unknown): readonly string[] {
  if (!Array.isArray(data)) return []
  return data.map((line: { readonly t?: unknown } | null) => String(line?.t ?? '').replace(/\p{Cc}/gu, ' '))
}

async function call(engine: Engine, task: Upid, what: string, params: Record<string, number> = {}) {
  const path = `/api2/json/nodes/${task.node}/tasks/${task.text}/${what}`
  return await engine.call('GET', path, `/api2/json/nodes/*/tasks/*/${what}`, params)
}

function title({ type, id, node, text }: Upid): string {
  return `The task ${type}${id === '' ? '' : ` ${id}`} on ${node} (${text})`
}

function leave(task: Upid): OrionError {
  return interrupted(`${title(task)} goes on without us`)
}

function overdue(task: Upid, timeoutMs: number): OrionError {
  return new OrionError(`${title(task)} has not ended within ${timeoutMs / 1000} s and goes on without us`, {
    code: 'E_TASK',
    recheck: true,
  })
}
