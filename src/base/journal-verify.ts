// orion verify --journal: the chains of this machine's journal and of each node's, and whether they say the same.
import { hostname } from 'node:os'
import type { JournalLine } from '../console/journal-view.ts'
import type { Entry } from '../engine/journal.ts'
import type { CheckedJournal, JournalFinding } from '../engine/journal-check.ts'
import { EXIT, OrionError } from '../errors.ts'
import { getUser } from './journal.ts'
import { journalFile, readJournal } from './journal-file.ts'
import { type Owed, readOwed } from './journal-nodes.ts'
import type { Result, Talk } from './net.ts'
import { refuseUnknownNodes } from './selection.ts'
import { getPlace, show } from './talk.ts'

/**
 * Reads and compares. Exit 3 where a chain is broken, entries are missing, or a node could not be read. Errors: E_USAGE for an
 * unknown node, E_APPLY where the own file cannot be read, E_INTERRUPTED.
 */
export async function verifyJournal(talk: Talk, nodes: readonly string[] | undefined): Promise<Result> {
  const { session } = talk
  const { site, journalDir: dir } = session
  refuseUnknownNodes(site, nodes)
  if (dir === undefined) throw new OrionError(`no journal is kept of ${site.name}`, { code: 'E_USAGE' })
  const { checkOwn } = await import('../engine/journal-check.ts')
  const text = await readJournal(dir)
  const own = checkOwn(text)
  const owed = await readOwed(dir)
  const names = site.nodes.map(({ name }) => name).filter((name) => nodes === undefined || nodes.includes(name))
  const read = await Promise.all(names.map((name) => readNode(talk, name, own, owed)))
  const here: JournalLine = {
    name: 'this machine',
    file: journalFile(dir),
    entries: own.entries.size,
    bytes: Buffer.byteLength(text),
    findings: [...own.findings, ...read.flatMap(({ onOwn }) => onOwn)],
  }
  const journals = [here, ...read.map(({ line }) => line)]
  await show(talk, async (look) => {
    const { renderJournals } = await import('../console/journal-view.ts')
    const { getPaint } = await import('../console/paint.ts')
    return `${getPaint(look).dim(getPlace(talk))}\n\n${renderJournals(journals, look)}`
  })
  const ok = journals.every(({ findings, problem }) => !problem && findings.every(({ state }) => state === 'warning'))
  return { exit: ok ? EXIT.ok : EXIT.differences, document: { site: site.name, journals, ok } }
}

interface NodeRead {
  readonly line: JournalLine
  /** What it says against the own journal. */
  readonly onOwn: readonly JournalFinding[]
}

async function readNode({ session }: Talk, name: string, own: CheckedJournal, owed: Owed): Promise<NodeRead> {
  const { journalPath } = await import('../host/journal.ts')
  const { checkNode, compare } = await import('../engine/journal-check.ts')
  const file = journalPath(session.site.name)
  try {
    const host = await session.outside.host(name)
    const text = (await host.read({ files: [file] })).files.get(file)?.text ?? ''
    const theirs = checkNode(text)
    const found = compare({ node: name, own, theirs, owed: owed[name] ?? [], isMine: isMine(own, theirs) })
    const line = { name, file, entries: theirs.entries.size, bytes: Buffer.byteLength(text) }
    return { line: { ...line, findings: [...theirs.findings, ...found.node] }, onOwn: found.own }
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    const { message, suggestions } = error
    return { line: { name, file, entries: 0, bytes: 0, findings: [], problem: { message, suggestions } }, onOwn: [] }
  }
}

/** An entry of the journal that is here, or, where that one is gone, of this user on this machine. */
function isMine({ entries }: CheckedJournal, theirs: CheckedJournal): (entry: Entry) => boolean {
  const [here] = entries.values()
  const [user, host] = [getUser(), hostname()]
  const mine = new Set(
    [...theirs.entries.values()].flatMap((entry) =>
      entry.kind === 'begin' && entry.who.user === user && entry.who.host === host ? [entry.journal] : [],
    ),
  )
  return ({ journal }) => journal === here?.journal || mine.has(journal)
}
