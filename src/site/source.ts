// From a file to text: everything that can be wrong before YAML begins.
import { constants, open } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import { plain } from './finding.ts'
import { SiteError } from './site-error.ts'

/** The largest site file, in bytes: 5,000 guests on a line each need about 1 MiB. */
export const MAX_BYTES = 4 * 1024 * 1024

/**
 * Reads a text file of UTF-8 without its byte order mark.
 * Errors: SiteError without findings for a missing, unreadable, too large or binary file, a directory, a device.
 */
export async function readSource(file: string): Promise<string> {
  const bytes = await readBytes(file)
  const text = decode(bytes)
  if (text === undefined)
    throw refuse(file, 'is not a text file in UTF-8', 'Give the site file itself: orion --site FILE')
  return text
}

/** How a file is named to people: from the current folder where it is inside it, else absolute. */
export function displayName(file: string): string {
  const path = relative(process.cwd(), file)
  return plain(path === '' || path.startsWith('..') || isAbsolute(path) ? file : path)
}

async function readBytes(file: string): Promise<Buffer> {
  let handle: Awaited<ReturnType<typeof open>> | undefined
  try {
    // Non-blocking, so that a FIFO without a writer cannot hold us for ever.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stat = await handle.stat()
    if (stat.isDirectory()) throw refuse(file, 'is a directory', `Name the file in it: ${displayName(file)}/orion.yaml`)
    if (!stat.isFile()) throw refuse(file, 'is not a regular file')
    if (stat.size > MAX_BYTES)
      throw refuse(
        file,
        `is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
        'Write many like guests as one range: id: 1000-1999',
      )
    return await handle.readFile()
  } catch (error) {
    throw error instanceof SiteError ? error : unreadable(file, error)
  } finally {
    await handle?.close()
  }
}

function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function unreadable(file: string, error: unknown): SiteError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return refuse(file, 'does not exist', 'Start from one of templates/sites/, or name your file: orion --site FILE')
  if (code === 'EACCES' || code === 'EPERM')
    return refuse(file, 'may not be read by this user', `Check its owner and mode: ls -l ${file}`)
  if (code === 'EISDIR') return refuse(file, 'is a directory')
  return refuse(file, `cannot be read: ${code}`)
}

function refuse(file: string, what: string, ...suggestions: string[]): SiteError {
  return new SiteError(`The site file ${displayName(file)} ${what}`, [], suggestions)
}
