// A site file on its way to the disk: what is there already is never replaced without showing the difference and a yes.
import { randomBytes } from 'node:crypto'
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { structuredPatch } from 'diff'
import { OrionError } from '../errors.ts'

interface Asked {
  readonly yes: boolean | undefined
  /** One JSON document is wanted: no question is asked, and nothing is shown. */
  readonly json: boolean
  readonly signal: AbortSignal
}

const CONTEXT = 2

/**
 * Puts a site file in its place, at once or not at all; `same` where it is there word by word. One that is replaced keeps its
 * rights, and stays where a link leads. Shows what would change on stderr, and asks. Errors: E_CONFIRM for a no, and where nobody can be asked; E_USAGE where it cannot be written.
 */
export async function putSiteFile(path: string, text: string, asked: Asked): Promise<'written' | 'same'> {
  const before = await readBefore(path)
  if (before?.text === text) return 'same'
  if (before !== undefined) await askFirst(path, before.text, text, asked)
  const place = before === undefined ? path : await realpath(path).catch(() => path)
  const fresh = `${place}.${randomBytes(4).toString('hex')}.new`
  try {
    await writeFile(fresh, text, { flag: 'wx', ...(before && { mode: before.mode }) })
    if (before !== undefined) await chmod(fresh, before.mode)
    await rename(fresh, place)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {})
    throw unwritable(path, error)
  }
  return 'written'
}

interface Before {
  readonly text: string
  readonly mode: number
}

/** undefined = there is none. Errors: E_USAGE for what is no file. */
async function readBefore(path: string): Promise<Before | undefined> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw new OrionError(`${nameOf(path)} is not a file`, { code: 'E_USAGE' })
    return { text: await readFile(path, 'utf8'), mode: found.mode & 0o777 }
  } catch (error) {
    if (error instanceof OrionError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unwritable(path, error)
  }
}

async function askFirst(path: string, before: string, text: string, { yes, json, signal }: Asked): Promise<void> {
  const name = nameOf(path)
  if (!json) {
    const { renderChange } = await import('../console/wizard-view.ts')
    const { getLook, printError } = await import('../console/output.ts')
    await printError(renderChange(name, toLines(await hushed(before), await hushed(text)), getLook(process.stderr)))
  }
  if (yes) return
  const suggestions = ['--out FILE writes another one', '--yes replaces it']
  const kept = new OrionError(`${name} is there already, and stays as it is`, { code: 'E_CONFIRM', suggestions })
  if (json || process.stdin.isTTY !== true) throw kept
  const { confirm } = await import('../console/ask.ts')
  if (!(await confirm(`Replace ${name}?`, { signal }))) throw kept
}

/** Without secrets that somebody may have written into the file. */
async function hushed(text: string): Promise<string> {
  const { readDocument } = await import('../site/document.ts')
  const ranges = [...readDocument(text, '').secrets].sort((a, b) => b[0] - a[0])
  return ranges.reduce((now, [from, to]) => `${now.slice(0, from)}***${now.slice(to)}`, text)
}

/** Unified diff lines, without the names. */
function toLines(before: string, text: string): string[] {
  const { hunks } = structuredPatch('', '', before, text, '', '', { context: CONTEXT })
  return hunks.flatMap(({ oldStart, newStart, lines }) => [`@@ -${oldStart} +${newStart} @@`, ...lines])
}

const nameOf = (path: string): string => {
  const name = relative(process.cwd(), path)
  return name.startsWith('..') || name === '' ? path : name
}

function unwritable(path: string, cause: unknown): OrionError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error'
  return new OrionError(`${nameOf(path)} cannot be written: ${code}`, {
    code: 'E_USAGE',
    suggestions: ['name another place with --out FILE'],
    cause,
  })
}
