// A file that only its owner can read: read with a check, replaced as a whole.
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OrionError } from '../errors.ts'

const MAX_BYTES = 1024 * 1024

/** Makes what is missing, for the owner alone. Errors: E_SECRET. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await attempt(`The directory ${path} cannot be made`, async () => {
    await mkdir(path, { recursive: true, mode: 0o700 })
  })
}

/** The text; undefined where there is no file. Errors: E_SECRET, also where the group or others have any right to it. */
export async function readPrivate(path: string): Promise<string | undefined> {
  return await attempt(`${path} cannot be read`, async () => {
    let file: FileHandle
    try {
      // Not blocking, in case somebody put a pipe there.
      file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined
      throw error
    }
    try {
      const found = await file.stat()
      if (!found.isFile() || found.size > MAX_BYTES) throw refused(`${path} is no plain file, or too large`)
      if ((found.mode & 0o077) !== 0) {
        throw refused(`Others can read ${path}`, `chmod 600 ${path}, and make new tokens if need be`)
      }
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  })
}

/** Replaces the file by this text; `check` runs just before and may forbid it. Errors: E_SECRET. */
export async function replacePrivate(path: string, text: string, check: () => Promise<void>): Promise<void> {
  await attempt(`${path} cannot be written`, async () => await replace(path, text, check))
}

// Writes beside the file and renames: a reader sees the old file or the new one, also after a power cut.
async function replace(path: string, text: string, check: () => Promise<void>): Promise<void> {
  const fresh = `${path}.${process.pid}.${Date.now().toString(36)}.new`
  try {
    const file = await open(fresh, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await check()
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  const directory = await open(dirname(path), constants.O_RDONLY)
  await directory.sync().finally(async () => await directory.close())
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function attempt<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OrionError) throw error
    throw new OrionError(`${message}: ${error instanceof Error ? error.message : String(error)}`, {
      code: 'E_SECRET',
      cause: error,
    })
  }
}

/** E_SECRET with this message. */
export function refused(message: string, ...suggestions: string[]): OrionError {
  return new OrionError(message, { code: 'E_SECRET', suggestions })
}
