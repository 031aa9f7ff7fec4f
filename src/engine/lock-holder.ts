// Who holds a lock: a process, recognised even though its number is used again, and whether it still lives.
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

export interface Holder {
  readonly pid: number
  /** Start time of the process in ticks since boot, and the boot: a pid is used again. Empty where there is no /proc. */
  readonly start: string
  readonly boot: string
  readonly host: string
  readonly command: string
  /** ISO 8601, UTC. */
  readonly since: string
}

/** This process, as the holder of a lock. */
export async function getMe(command: string): Promise<Holder> {
  const since = new Date().toISOString()
  const { start, boot } = await getProcess('self')
  return { start, boot, pid: process.pid, host: hostname(), command, since }
}

/** A process of another machine counts as alive: it cannot be looked at from here. */
export async function isAlive({ pid, host, start, boot }: Holder): Promise<boolean> {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const { state, ...now } = await getProcess(pid)
  // One that was killed and that nobody has waited for yet is still listed (proc(5): Z, X), and does nothing any more.
  return now.start === start && now.boot === boot && !/^[ZX]/i.test(state)
}

interface Process extends Pick<Holder, 'start' | 'boot'> {
  /** One letter of proc(5), field 3. */
  readonly state: string
}

async function getProcess(pid: number | 'self'): Promise<Process> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '')
  const [stat, boot] = await Promise.all([read(`/proc/${pid}/stat`), read('/proc/sys/kernel/random/boot_id')])
  // proc(5): field 22 is the start time; field 2, the name, stands in brackets and may hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { start: fields[19] ?? '', boot: boot.trim(), state: fields[0] ?? '' }
}
