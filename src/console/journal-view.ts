// The pages of the journal: its runs as a table, and whether its chains hold.
import type { JournalFinding } from '../engine/journal-check.ts'
import { getRunCommand, getRunResult, getRunTook, getRunWho, getWhen, type LoggedRun } from './journal-run-view.ts'
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, indent, pad } from './text.ts'

interface Source {
  readonly name: string
  readonly file: string
  readonly bytes: number
  /** How many runs there are in all. */
  readonly of: number
}

/** Pure; in the order given. Ends without a line feed. */
export function renderRuns(runs: readonly LoggedRun[], { file, bytes, of }: Source, look: Look): string {
  const columns: readonly Column<LoggedRun>[] = [
    { head: 'RUN', get: ({ begin }) => String(begin.run), right: true, whole: true },
    { head: 'WHEN', get: ({ begin }) => getWhen(begin.at), whole: true },
    { head: 'WHO', get: getRunWho },
    { head: 'COMMAND', get: getRunCommand },
    { head: 'RESULT', get: (run) => getRunResult(run).text, whole: true, colour: (run) => getRunResult(run).colour },
    { head: 'TOOK', get: getRunTook, right: true, whole: true },
  ]
  const shown = runs.length < of ? `The newest ${runs.length} of ${count(of, 'run')}` : count(of, 'run')
  const foot = indent(`${shown}, ${getSize(bytes)} in ${clean(file)}`, '', look.width)
  return [renderTable(columns, runs, look), '', ...foot.map((line) => getPaint(look).dim(line))].join('\n')
}

/** The journal of one machine, as `orion verify --journal` found it. */
export interface JournalLine {
  readonly name: string
  readonly file: string
  readonly entries: number
  readonly bytes: number
  readonly findings: readonly JournalFinding[]
  /** It could not be read. */
  readonly problem?: { readonly message: string; readonly suggestions: readonly string[] }
}

const MOST = 8

/** Pure. Ends without a line feed; its last line is the sum. */
export function renderJournals(journals: readonly JournalLine[], look: Look): string {
  const width = Math.max(...journals.map(({ name }) => clean(name).length))
  const lines = journals.flatMap((journal) => renderJournal(journal, width, look))
  return [...lines, '', renderSum(journals, look)].join('\n')
}

function renderJournal({ name, entries, bytes, findings, problem }: JournalLine, width: number, look: Look): string[] {
  const paint = getPaint(look)
  const isBad = problem !== undefined || findings.some(({ state }) => state === 'failed')
  const mark = isBad ? paint.red('✘') : findings.length > 0 ? paint.yellow('!') : paint.green('✔')
  const size = entries === 0 ? 'nothing' : `${count(entries, 'entry', 'entries')}, ${getSize(bytes)}`
  const said = problem ? 'not read' : size
  const below = problem
    ? [
        ...indent(problem.message, '      ', look.width),
        ...problem.suggestions
          .flatMap((text) => indent(text, '      Try: ', look.width))
          .map((line) => paint.cyan(line)),
      ]
    : renderFindings(findings, look)
  return [`  ${mark} ${pad(clean(name), width)}  ${said}`, ...below]
}

function renderFindings(findings: readonly JournalFinding[], look: Look): string[] {
  const paint = getPaint(look)
  const sorted = findings.toSorted((one, other) => Number(other.state === 'failed') - Number(one.state === 'failed'))
  const lines = sorted.slice(0, MOST).flatMap(({ state, text }) => {
    const colour = state === 'failed' ? paint.red : paint.yellow
    return indent(clean(text), '      ', look.width).map((line) => colour(line))
  })
  return findings.length > MOST ? [...lines, `      and ${findings.length - MOST} more`] : lines
}

function renderSum(journals: readonly JournalLine[], look: Look): string {
  const paint = getPaint(look)
  const broken = journals.filter(({ findings }) => findings.some(({ state }) => state === 'failed')).length
  const unread = journals.filter(({ problem }) => problem !== undefined).length
  if (broken > 0)
    return paint.red(`Journal: ${broken} of ${journals.length} ${broken === 1 ? 'is' : 'are'} not as written`)
  if (unread > 0) return paint.red(`Journal: ${unread} of ${journals.length} could not be read; the others hold`)
  return `${paint.green('Journal:')} ${count(journals.length, 'chain')} checked, all hold and agree`
}

/** `812 B`, `5.1 KiB`, `3.0 MiB`. */
function getSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
