// The locks of a lab folder: one opener and one server at a time, whatever happened to the one before.
import { open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import { isRunning } from './lab-process.ts'

const LOCK_MS = 30_000
/** A little more than what a process is given to end. */
const SERVING_MS = 12_000

/** One opener at a time; the lock of one that died is taken over. Errors: E_LAB after half a minute. */
export const lockFolder = (dir: string): Promise<() => Promise<void>> => take(dir, 'lock', 'opening')

/** One serving process at a time: two would write the same world. Errors: E_LAB where the other goes on. */
export const lockServing = (dir: string): Promise<() => Promise<void>> =>
  take(dir, 'lock.serving', 'serving', SERVING_MS)

async function take(dir: string, name: string, doing: string, patienceMs = LOCK_MS): Promise<() => Promise<void>> {
  const file = join(dir, name)
  const endMs = Date.now() + patienceMs
  for (;;) {
    const handle = await open(file, 'wx', 0o600).catch(unlessTaken)
    if (handle) {
      await handle.writeFile(String(process.pid))
      await handle.close()
      return () => rm(file, { force: true })
    }
    await removeStale(file)
    if (Date.now() > endMs) {
      throw new OrionError(`another process has been ${doing} the lab in ${dir} for too long`, {
        code: 'E_LAB',
        suggestions: [`remove ${file} if none is running`],
      })
    }
    await sleep(30)
  }
}

// Under a lock of its own: of two that find the dead one's lock, one removes it, and never the other's new one.
async function removeStale(file: string): Promise<void> {
  if (!(await isStale(file))) return
  const takeover = `${file}.takeover`
  const handle = await open(takeover, 'wx', 0o600).catch(unlessTaken)
  if (!handle) {
    if ((await ageMs(takeover)) > 5000) await rm(takeover, { force: true })
    return
  }
  await handle.close()
  if (await isStale(file)) await rm(file, { force: true })
  await rm(takeover, { force: true })
}

// Only a file that is there means waiting; a full disk or a missing right is an error at once.
function unlessTaken(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error
}

async function isStale(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''))
  // An empty file is one that is being written; after a second it is one whose writer died.
  return pid > 0 ? !isRunning(pid) : (await ageMs(file)) > 1000
}

async function ageMs(file: string): Promise<number> {
  const known = await stat(file).catch(() => undefined)
  return known ? Date.now() - known.mtimeMs : 0
}
