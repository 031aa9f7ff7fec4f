// The nodes' side of the journal: each is told of the runs that were about it, now or with the next run that reaches it.
import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Begin, EndedStep, Head } from '../engine/journal.ts'
import { OrionError } from '../errors.ts'
import { readJournal } from './journal-file.ts'
import type { Session } from './session.ts'
import { say } from './talk.ts'

interface Talk {
  readonly session: Session
  readonly json: boolean
}

/** Node → numbers of the runs that it was not told of. */
export type Owed = Readonly<Record<string, readonly number[]>>

/** A run has ended: nobody waits longer than this for a node that is slow to answer. */
const PATIENCE_MS = 5_000
/** Told at once; what is more is told by the next run. */
const MOST_RUNS = 200
const TAIL_BYTES = 1024 * 1024
/** What says that a node will not let us in now either. */
const AWAY: ReadonlySet<string> = new Set([
  ...['E_HOST_UNREACHABLE', 'E_HOST_LOST', 'E_HOST_TIMEOUT'],
  ...['E_HOST_KEY', 'E_HOST_AUTH', 'E_HOST_SUDO'],
])

const owedFile = (dir: string): string => join(dir, 'journal-owed.json')

/** A file that is gone or broken owes nothing: `verify --journal` finds what the nodes do not have. */
export async function readOwed(dir: string): Promise<Owed> {
  try {
    const value: unknown = JSON.parse(await readFile(owedFile(dir), 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    const isRuns = (runs: unknown): runs is number[] => Array.isArray(runs) && runs.every(Number.isInteger)
    return Object.fromEntries(Object.entries(value).flatMap(([node, runs]) => (isRuns(runs) ? [[node, runs]] : [])))
  } catch {
    return {}
  }
}

async function writeOwed(dir: string, owed: Owed): Promise<void> {
  const draft = `${owedFile(dir)}.${randomUUID()}`
  const rest = Object.fromEntries(Object.entries(owed).filter(([, runs]) => runs.length > 0))
  await writeFile(draft, `${JSON.stringify(rest)}\n`, { mode: 0o600 })
  await rename(draft, owedFile(dir))
}

/** Before the first step: whatever comes, these nodes are to hear of this run. */
export async function owe(dir: string, nodes: readonly string[], run: number): Promise<void> {
  if (nodes.length === 0) return
  const owed = await readOwed(dir)
  const more = Object.fromEntries(nodes.map((node) => [node, [...new Set([...(owed[node] ?? []), run])]]))
  await writeOwed(dir, { ...owed, ...more })
}

/** Tells the nodes of a run that has ended, with what they missed before. Nothing of it fails the run: it is said in one line. */
export async function tellNodes(
  talk: Talk,
  dir: string,
  { nodes }: Begin & Head,
  steps: readonly EndedStep[],
): Promise<void> {
  if (nodes.length === 0 || talk.session.outside.signal.aborted) return
  const owed = await readOwed(dir)
  const lines = await linesOf(
    dir,
    nodes.flatMap((node) => owed[node] ?? []),
  )
  const failures: string[] = []
  const left: Record<string, readonly number[]> = { ...owed }
  const tell = async (node: string): Promise<void> => {
    const runs = (owed[node] ?? []).slice(0, MOST_RUNS)
    try {
      if (steps.some(({ id, code = '' }) => AWAY.has(code) && isAbout(id, node))) throw new Error('it does not answer')
      await tellOne(
        talk.session,
        node,
        runs.flatMap((run) => lines.get(run) ?? []),
      )
      left[node] = (owed[node] ?? []).slice(MOST_RUNS)
    } catch (error) {
      failures.push(`${node} (${toReason(error)})`)
    }
  }
  await Promise.all(nodes.map(tell))
  await writeOwed(dir, left)
  if (failures.length > 0) await say(talk, toText(failures.toSorted()))
}

function toText(failures: readonly string[]): string {
  const shown = failures.slice(0, 3).join(', ')
  const more = failures.length > 3 ? ` and ${failures.length - 3} more` : ''
  return `Not in the journal of ${shown}${more} yet: the next run that gets there adds it.`
}

const toReason = (error: unknown): string =>
  error instanceof OrionError ? error.code : error instanceof Error ? error.message : String(error)

const isAbout = (id: string, node: string): boolean => id.slice(id.indexOf(':') + 1).split('/')[0] === node

async function tellOne(session: Session, node: string, lines: readonly string[]): Promise<void> {
  if (!session.quietHost) throw new Error('no way there')
  const { appendLines } = await import('../host/journal.ts')
  const host = session.quietHost(node)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS)
  })
  try {
    await Promise.race([host.then((one) => appendLines(one, session.site.name, lines)), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whole lines by run, of these runs; from the end of the journal where they all are there. */
async function linesOf(dir: string, runs: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>> {
  const { parseEntry, readChain } = await import('../engine/journal.ts')
  const wanted = new Set(runs)
  let found = new Map<number, string[]>()
  for (const bytes of [TAIL_BYTES, Number.POSITIVE_INFINITY]) {
    found = new Map()
    const begun = new Set<number>()
    for (const { hash, payload } of readChain(await readJournal(dir, bytes)).lines) {
      const entry = parseEntry(payload)
      if (!entry || entry.kind === 'mend' || !wanted.has(entry.run)) continue
      if (entry.kind === 'begin') begun.add(entry.run)
      found.set(entry.run, [...(found.get(entry.run) ?? []), `${hash} ${payload}`])
    }
    if (begun.size === wanted.size) break
  }
  return found
}
