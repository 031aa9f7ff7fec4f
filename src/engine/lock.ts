// One run of orion per site and machine: a lock that no dead process keeps, also not a killed one.
import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { OrionError } from '../errors.ts'
import { getMe, type Holder, isAlive } from './lock-holder.ts'

export interface LockOptions {
  readonly site: string
  /** The command as a person knows it, e.g. `vm apply`; shown to whoever finds the site locked. */
  readonly command: string
}

export interface Lock {
  /** Gives the site free. A second call does nothing. */
  release(): Promise<void>
}

/** What a lock file says. One without a holder was given free. */
interface Entry {
  readonly holder?: Holder
}

/**
 * Takes the lock of a site. The lock is a row of files `SITE.lock.N`; the highest N counts, and it is never deleted but by the
 * taker of a higher one. So taking over from a dead holder is the same exclusive creation of N + 1 as taking a free lock, and
 * of two takers one wins. Errors: E_LOCKED with who holds it since when, E_APPLY where the folder cannot be written.
 */
export async function lockSite(dir: string, { site, command }: LockOptions): Promise<Lock> {
  const name = `${encodeURIComponent(site)}.lock`
  const holder = await getMe(command)
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => refuseDir(dir, error))
  for (;;) {
    const numbers = await getNumbers(dir, name)
    const highest = numbers[0] ?? 0
    if (highest > 0) await refuseHeld(site, join(dir, `${name}.${highest}`))
    const file = join(dir, `${name}.${highest + 1}`)
    if (!(await createWhole(file, { holder }))) continue
    // A slow taker may have made a number that others had and left behind: then a higher one exists by now.
    const [now] = await getNumbers(dir, name)
    if (now !== highest + 1) {
      await rm(file, { force: true })
      continue
    }
    await Promise.all(numbers.map((number) => rm(join(dir, `${name}.${number}`), { force: true })))
    return { release: makeRelease(file) }
  }
}

/** Marks the file as free instead of deleting it: the numbers must go on. */
function makeRelease(file: string): () => Promise<void> {
  let held = true
  return async () => {
    if (!held) return
    held = false
    const draft = `${file}.${randomUUID()}`
    await writeFile(draft, '{}\n', { mode: 0o600 })
    await rename(draft, file)
  }
}

/** False where the file is there already. It appears with its whole text, or not at all. */
async function createWhole(file: string, entry: Entry): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, `${JSON.stringify(entry)}\n`, { flag: 'wx', mode: 0o600 })
    await link(draft, file)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    return refuseDir(file, error)
  } finally {
    await rm(draft, { force: true })
  }
}

/** The numbers of the lock files, highest first. */
async function getNumbers(dir: string, name: string): Promise<number[]> {
  const files = await readdir(dir)
  const numbers = files.flatMap((file) => {
    const tail = file.startsWith(`${name}.`) ? file.slice(name.length + 1) : ''
    return /^\d+$/.test(tail) ? [Number(tail)] : []
  })
  return numbers.sort((a, b) => b - a)
}

async function refuseHeld(site: string, file: string): Promise<void> {
  const holder = await getHolder(file)
  if (!holder || !(await isAlive(holder))) return
  const { pid, host, command, since } = holder
  const here = host === hostname()
  throw new OrionError(`another run works on ${site}: orion ${command}, process ${pid} on ${host}, since ${since}`, {
    code: 'E_LOCKED',
    suggestions: here
      ? ['wait for it to end, then run this again']
      : [`if that machine is gone for good, delete ${file}`],
  })
}

/** undefined where the lock is free, or was taken on by somebody else meanwhile; a broken file is a free one. */
async function getHolder(file: string): Promise<Holder | undefined> {
  try {
    const entry = JSON.parse(await readFile(file, 'utf8')) as Entry | null
    return entry?.holder
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return undefined
    return refuseDir(file, error)
  }
}

function refuseDir(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause)
  throw new OrionError(`cannot keep the lock of the site at ${path}: ${reason}`, { code: 'E_APPLY', cause })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
