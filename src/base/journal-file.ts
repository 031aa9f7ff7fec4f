// The journal's file on this machine: read as a whole or at its end, and added to by one line at a time, synced.
import { randomBytes } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Begin, Entry, Head, News } from '../engine/journal.ts'
import { EXIT, OrionError } from '../errors.ts'

/** As much of the end as is looked at first: some hundred runs. */
const TAIL_BYTES = 1024 * 1024

export const journalFile = (dir: string): string => join(dir, 'journal.jsonl')

/** An entry as it stands in the file: the whole line, without its line feed. */
export interface Written {
  readonly entry: Entry
  readonly line: string
}

/** The text of a journal from its last so many bytes on, beginning with a whole line; default: all of it. '' where there is none. */
export async function readJournal(dir: string, bytes = Number.POSITIVE_INFINITY): Promise<string> {
  const file = journalFile(dir)
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      const from = Math.max(0, size - bytes)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
      const text = buffer.subarray(0, bytesRead).toString('utf8')
      return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw refusal(file, error)
  }
}

interface End {
  readonly journal: string
  readonly seq: number
  /** The number of the last run. */
  readonly run: number
  /** Hash of the last line. */
  readonly hash: string | undefined
  readonly torn: string
  /** The last run, where nothing follows its beginning. */
  readonly open?: Begin & Head
}

/**
 * Adds a line; the caller holds the site's lock. `news` gets the number that a new run has. What a crash left is closed first, each by an
 * entry that says so: half a line, and a run without an end. Errors: E_APPLY where the file cannot be written.
 */
export async function appendJournal(dir: string, news: (nextRun: number) => News | Promise<News>): Promise<Written> {
  const [written] = await appendAll(dir, async (nextRun) => [await news(nextRun)])
  if (!written) throw new Error('nothing was written')
  return written
}

/** Closes the last run where it was killed, and says which: nobody else is at work, as the caller holds the site's lock. Errors: E_APPLY. */
export async function closeKilled(dir: string): Promise<(Begin & Head) | undefined> {
  const { open: killed } = await readEnd(dir)
  if (killed) await appendAll(dir, async () => [])
  return killed
}

async function appendAll(
  dir: string,
  news: (nextRun: number) => Promise<readonly News[]>,
): Promise<readonly Written[]> {
  const { toLine, sha256 } = await import('../engine/journal.ts')
  const file = journalFile(dir)
  await orRefuse(file, mkdir(dir, { recursive: true, mode: 0o700 }))
  const end = await readEnd(dir)
  let { seq, hash } = end
  let text = ''
  const add = (one: News): Written => {
    seq += 1
    const entry: Entry = { v: 1, journal: end.journal, seq, at: new Date().toISOString(), ...one }
    const line = toLine(hash, JSON.stringify(entry))
    hash = line.slice(0, 64)
    text += line
    return { entry, line: line.trimEnd() }
  }
  if (end.torn !== '') {
    text = '\n'
    add({ kind: 'mend', torn: sha256(end.torn) })
  }
  const wanted = await orRefuse(file, news(end.run + 1))
  const isEnd = wanted.some((one) => one.kind === 'end' && one.run === end.open?.run)
  if (end.open && !isEnd) add({ kind: 'end', run: end.open.run, ms: 0, exit: EXIT.failed, lost: true, steps: [] })
  const written = wanted.map(add)
  await orRefuse(file, append(file, text))
  return written
}

async function append(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function orRefuse<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw refusal(file, error)
  }
}

/** By the last lines; where they tell nothing, by all of them. A new journal gets a name of its own. */
async function readEnd(dir: string): Promise<End> {
  const { parseEntry, readChain } = await import('../engine/journal.ts')
  for (let bytes = TAIL_BYTES; ; bytes = Number.POSITIVE_INFINITY) {
    const { lines, torn } = readChain(await readJournal(dir, bytes))
    // Half a line may have a whole hash, which the chain then goes on from.
    const hash = [...lines, ...readChain(`${torn}\n`).lines].findLast((line) => line.hash !== '')?.hash
    const entries = lines.flatMap(({ payload }) => parseEntry(payload) ?? [])
    const last = entries.at(-1)
    const told = entries.findLast((entry) => entry.kind !== 'mend')
    const open = told?.kind === 'begin' ? { open: told } : {}
    if (last && told) return { journal: last.journal, seq: last.seq, run: told.run, hash, torn, ...open }
    if (bytes > TAIL_BYTES) return { journal: randomBytes(8).toString('hex'), seq: lines.length, run: 0, hash, torn }
  }
}

function refusal(file: string, cause: unknown): OrionError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new OrionError(`the journal ${file} cannot be kept: ${reason}`, {
    code: 'E_APPLY',
    cause,
    suggestions: ['is there room, and may you write in that folder? Nothing is changed without a journal'],
  })
}
