// A lock file beside a small file: whoever makes it may write.
import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'

/** The work behind the lock takes milliseconds: a lock this old was left by a process that died. */
const STALE_MS = 10_000
const PATIENCE_MS = 20_000

/**
 * Runs `work` while this process holds the lock. `check` throws where the lock was taken away meanwhile (this process was
 * stopped for long): call it before the result counts. Errors: E_SECRET where the lock cannot be had.
 */
export async function withLock<T>(path: string, work: (check: () => Promise<void>) => Promise<T>): Promise<T> {
  const mine = randomUUID()
  await take(path, mine)
  const holds = async () => (await read(path)) === mine
  try {
    return await work(async () => {
      if (!(await holds())) throw failed(path, 'was taken away')
    })
  } finally {
    if (await holds()) await rm(path, { force: true })
  }
}

async function take(path: string, mine: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  while (!(await make(path, mine))) {
    if (Date.now() > until) throw failed(path, 'is held by another process')
    await dropStale(path, mine)
    await sleep(10 + Math.random() * 30)
  }
}

/** True where the lock is ours now. */
async function make(path: string, mine: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(mine).finally(async () => await file.close())
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw failed(path, error instanceof Error ? error.message : 'cannot be made')
  }
}

// Renamed first: of several who see the old lock, one gets it.
async function dropStale(path: string, mine: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs < STALE_MS) return
    await rename(path, `${path}.${mine}`)
    await rm(`${path}.${mine}`, { force: true })
  } catch {
    // Gone already: somebody else was faster.
  }
}

async function read(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined)
}

function failed(path: string, why: string): OrionError {
  return new OrionError(`The lock ${path} ${why}`, {
    code: 'E_SECRET',
    suggestions: ['If no other orion runs, remove that file'],
  })
}
