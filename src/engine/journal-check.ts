// What is wrong with a journal, and with what two of them say of each other. Pure.
import { type ChainLine, type Entry, getMended, parseEntry, readChain } from './journal.ts'

/** `failed`: the journal is not what was written. `warning`: it is, and something is worth knowing. */
export interface JournalFinding {
  readonly state: 'failed' | 'warning'
  readonly text: string
}

/** A journal of this machine, or the part of a node's that came from one. */
export interface CheckedJournal {
  /** Entries, by the whole line of the operator's journal that they came in. */
  readonly entries: ReadonlyMap<string, Exclude<Entry, { kind: 'mend' }>>
  readonly findings: readonly JournalFinding[]
}

/** The operator's own file. */
export function checkOwn(text: string): CheckedJournal {
  const { entries, findings, lines } = check(text, ({ hash, payload }) => ({ line: `${hash} ${payload}`, payload }))
  const ended = new Set([...entries.values()].flatMap((entry) => (entry.kind === 'end' ? [entry.run] : [])))
  const all = [...entries.values()]
  const open = all.filter((entry) => entry.kind === 'begin' && !ended.has(entry.run))
  const gaps = getGaps(lines)
  // One run at a time: only the last one can be at work. Where the chain does not hold, nobody knows.
  const isWhole = [...findings, ...gaps].every(({ state }) => state === 'warning')
  const silent = open.map((entry): JournalFinding => {
    const why = entry === all.at(-1) ? ': it was killed, or is at work now' : isWhole ? ': it was killed' : ''
    return { state: 'warning', text: `run ${entry.run} (${toWhat(entry)}) has no end${why}` }
  })
  return { entries, findings: [...findings, ...gaps, ...silent] }
}

/** A node's file: a chain of its own around lines of operators' journals. */
export function checkNode(text: string): CheckedJournal {
  return check(text, ({ payload }) => ({ line: payload, payload: payload.slice(payload.indexOf(' ') + 1) }))
}

function check(text: string, open: (line: ChainLine) => { line: string; payload: string }) {
  const { lines, torn } = readChain(text)
  const mended = getMended(lines)
  const findings: JournalFinding[] = []
  const entries = new Map<string, Exclude<Entry, { kind: 'mend' }>>()
  for (const chained of lines) {
    const { line, payload } = open(chained)
    const entry = parseEntry(payload)
    if (mended.has(chained.number))
      findings.push({
        state: 'warning',
        text: `line ${chained.number} is half a line that a crash left, and was closed`,
      })
    else if (!chained.holds)
      findings.push({
        state: 'failed',
        text: `broken at line ${chained.number}: it was changed, or what stood before it is gone`,
      })
    else if (entry === undefined)
      findings.push({ state: 'warning', text: `line ${chained.number} is of another version of orion` })
    if (entry && entry.kind !== 'mend') entries.set(line, entry)
  }
  if (torn !== '')
    findings.push({ state: 'warning', text: 'the last line is half a line that a crash left; the next run closes it' })
  return { entries, findings, lines }
}

/** A chain that holds may have been made anew without some of its entries: their numbers have no gaps. */
function getGaps(lines: readonly ChainLine[]): readonly JournalFinding[] {
  let next = 1
  return lines.flatMap(({ number, holds, payload }) => {
    const seq = parseEntry(payload)?.seq ?? next
    const isGap = holds && seq !== next
    const text = `entries are missing before line ${number}: it is number ${seq}, where ${next} is next`
    next = parseEntry(payload) ? seq + 1 : next
    return isGap ? [{ state: 'failed' as const, text }] : []
  })
}

interface Sides {
  readonly node: string
  readonly own: CheckedJournal
  readonly theirs: CheckedJournal
  /** Runs that the node was not told of yet. */
  readonly owed: readonly number[]
  /** Whether an entry that is only on the node was written here. */
  readonly isMine: (entry: Entry) => boolean
}

/** What a node does not have, and what only the node has. */
export function compare({ node, own, theirs, owed, isMine }: Sides): {
  readonly node: readonly JournalFinding[]
  readonly own: readonly JournalFinding[]
} {
  const about = new Set(
    [...own.entries.values()].flatMap((one) => (one.kind === 'begin' && one.nodes.includes(node) ? [one.run] : [])),
  )
  const absent = [...own.entries].flatMap(([line, { run }]) =>
    about.has(run) && !theirs.entries.has(line) ? [run] : [],
  )
  const missing = getRuns(absent.filter((run) => !owed.includes(run)))
  const late = getRuns(absent.filter((run) => owed.includes(run)))
  const only = [...theirs.entries].flatMap(([line, entry]) =>
    isMine(entry) && !own.entries.has(line) ? [entry.run] : [],
  )
  const gone = getRuns(only)
  return {
    node: [
      ...(missing === ''
        ? []
        : [{ state: 'failed' as const, text: `it was told of ${missing}, and does not have it` }]),
      ...(late === '' ? [] : [{ state: 'warning' as const, text: `not told of ${late} yet` }]),
    ],
    own:
      gone === '' ? [] : [{ state: 'failed', text: `${node} has ${gone}, which is not here: changed, or taken out` }],
  }
}

/** `run 3`, `runs 3, 4 and 7`, `runs 3, 4, 5 and 12 more`; '' for none. */
function getRuns(numbers: readonly number[]): string {
  const runs = [...new Set(numbers)].sort((one, other) => one - other)
  if (runs.length < 2) return runs.length === 0 ? '' : `run ${runs[0]}`
  const shown = runs.length > 5 ? runs.slice(0, 4) : runs.slice(0, -1)
  const last = runs.length > 5 ? `${runs.length - 4} more` : runs.at(-1)
  return `runs ${shown.join(', ')} and ${last}`
}

function toWhat(entry: Entry): string {
  return entry.kind === 'begin' ? `${entry.command}, ${entry.at.slice(0, 16).replace('T', ' ')} UTC` : ''
}
