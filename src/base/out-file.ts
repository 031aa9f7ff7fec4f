// Files that a command writes where the operator says (--out, --junit): as a whole, and never over something else.
import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { OrionError } from '../errors.ts'
import { SiteError } from '../site/site-error.ts'

/** What a flag names, and how a file of ours is told from any other. */
export interface OutFile {
  readonly path: string
  /** What such a file is, for people: `saved plan`. */
  readonly what: string
  /** Whether the beginning of a file (its first KiB) is one that orion wrote for this flag. */
  readonly isOurs: (beginning: string) => boolean
}

const BEGINNING = 1024

/** Before any work: what is there must be ours, and its folder must be there. Errors: E_USAGE. */
export async function refuseOtherFile({ path, what, isOurs }: OutFile): Promise<void> {
  const folder = dirname(resolve(path))
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw refuse(`there is no folder ${folder} for ${path}`, `mkdir -p ${folder}`)
  const beginning = await readBeginning(path)
  if (beginning === undefined || beginning.trim() === '' || isOurs(beginning)) return
  throw refuse(`${path} exists and is no ${what}, so it is not overwritten`, `name another file, or remove ${path}`)
}

/**
 * What all of these give, or one error with everything that they refuse: nobody mends one thing to be told of the next.
 * Errors: theirs; the findings of a site file among them stay with it.
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  checks: T,
): Promise<{ -readonly [at in keyof T]: Awaited<T[at]> }> {
  const refused = (await Promise.allSettled(checks)).flatMap((one): unknown[] =>
    one.status === 'rejected' ? [one.reason] : [],
  )
  const told = refused.filter((error) => error instanceof OrionError)
  const [first] = told
  if (told.length < 2 || told.length < refused.length || !first) return Promise.all(checks)
  const message = told.map((error) => (error instanceof SiteError ? error.summary : error.message)).join('\n')
  const suggestions = told.flatMap((error) => error.suggestions)
  const site = told.find((error) => error instanceof SiteError)
  throw site
    ? new SiteError(message, site.findings, suggestions)
    : new OrionError(message, { code: first.code, suggestions })
}

/** Replaces it as a whole: a reader sees the old file or the new one. Errors: E_USAGE where it cannot be written. */
export async function writeOut(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.${process.pid}.new`
  try {
    const file = await open(fresh, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw refuse(`${path} cannot be written: ${toMessage(error)}`)
  }
}

/** Undefined where there is no file. Errors: E_USAGE where it is none that can be read. */
async function readBeginning(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined
  try {
    // Not blocking, in case somebody put a pipe there.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!(await file.stat()).isFile()) throw refuse(`${path} is no plain file`)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error instanceof OrionError ? error : refuse(`${path} cannot be read: ${toMessage(error)}`)
  } finally {
    await file?.close()
  }
}

const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function refuse(message: string, ...suggestions: string[]): OrionError {
  return new OrionError(message, { code: 'E_USAGE', suggestions })
}
