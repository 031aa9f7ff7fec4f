// orion bootstrap log: the runs in this machine's journal, or in that of a node, and one of them with its steps.
import type { LoggedRun } from '../console/journal-run-view.ts'
import type { Entry } from '../engine/journal.ts'
import { EXIT, OrionError } from '../errors.ts'
import { journalFile, readJournal } from './journal-file.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { SiteFlags } from './session.ts'
import { getPlace, say, show } from './talk.ts'

export interface LogWish extends SiteFlags {
  /** One run, by its number. */
  readonly run?: string | undefined
  readonly limit: number
  /** The journal of this node instead of this machine's. */
  readonly node?: string | undefined
}

/** Shows the newest runs, or one. Errors: E_USAGE for a run or a node that is not there, those of the host. */
export async function showLog(talk: Talk, wish: LogWish): Promise<Result> {
  const { site } = talk.session
  const source = await openSource(talk, wish)
  const runs = toRuns(source.entries)
  if (wish.run !== undefined) return showRun(talk, wish, runs)
  const shown = runs.slice(-wish.limit).reverse()
  if (shown.length === 0) await say(talk, `${source.name} has no journal of ${site.name} yet: nothing was changed.`)
  else
    await show(talk, async (look) => {
      const { renderRuns } = await import('../console/journal-view.ts')
      const { getPaint } = await import('../console/paint.ts')
      const page = renderRuns(shown, { ...source, of: runs.length }, look)
      return `${getPaint(look).dim(getPlace(talk))}\n\n${page}`
    })
  const last = shown[0]?.begin.run
  if (last !== undefined && wish.node === undefined)
    await say(talk, `The steps of one: ${completeHint(`orion bootstrap log ${last}`, wish)}`)
  const { file, bytes } = source
  return { exit: EXIT.ok, document: { site: site.name, file, bytes, of: runs.length, runs: shown } }
}

async function showRun(talk: Talk, wish: LogWish, runs: readonly LoggedRun[]): Promise<Result> {
  const found = runs.find(({ begin }) => String(begin.run) === wish.run)
  if (!found)
    throw new OrionError(`the journal of ${talk.session.site.name} has no run ${wish.run}`, {
      code: 'E_USAGE',
      suggestions: [runs.length === 0 ? 'it has none at all' : 'orion bootstrap log'],
    })
  const { siteSha256 } = talk.session
  await show(talk, async (look) =>
    (await import('../console/journal-run-view.ts')).renderRun(found, { ...look, siteSha256 }),
  )
  return { exit: EXIT.ok, document: found }
}

interface Source {
  readonly name: string
  readonly file: string
  readonly bytes: number
  readonly entries: readonly Entry[]
}

async function openSource({ session }: Talk, { node, run }: LogWish): Promise<Source> {
  const { site, journalDir: dir } = session
  const { parseEntry, readChain } = await import('../engine/journal.ts')
  const parse = (text: string, skip: (payload: string) => string) =>
    readChain(text).lines.flatMap(({ payload }) => parseEntry(skip(payload)) ?? [])
  if (node === undefined) {
    if (dir === undefined) throw new OrionError(`no journal is kept of ${site.name}`, { code: 'E_USAGE' })
    const text = await readJournal(dir)
    const entries = parse(text, (payload) => payload)
    return { name: 'This machine', file: journalFile(dir), bytes: Buffer.byteLength(text), entries }
  }
  refuseUnknownNodes(site, [node])
  if (run !== undefined)
    throw new OrionError('a node has the runs of several machines, so a number does not say which', {
      code: 'E_USAGE',
      suggestions: ['leave out the number, or --node'],
    })
  const { journalPath } = await import('../host/journal.ts')
  const file = journalPath(site.name)
  const host = await session.outside.host(node)
  const text = (await host.read({ files: [file] })).files.get(file)?.text ?? ''
  const entries = parse(text, (payload) => payload.slice(payload.indexOf(' ') + 1))
  return { name: node, file, bytes: Buffer.byteLength(text), entries }
}

/** In the order of their beginnings; the end belongs to the run of the same journal and number. */
function toRuns(entries: readonly Entry[]): readonly LoggedRun[] {
  const ends = new Map(
    entries.flatMap((one) => (one.kind === 'end' ? [[`${one.journal} ${one.run}`, one] as const] : [])),
  )
  return entries.flatMap((begin) => {
    if (begin.kind !== 'begin') return []
    const end = ends.get(`${begin.journal} ${begin.run}`)
    return [{ begin, ...(end ? { end } : {}) }]
  })
}
