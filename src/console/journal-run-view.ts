// One run of the journal: its words for a table, and as a page with its steps.
import type { Begin, End, EndedStep, Head, WantedStep } from '../engine/journal.ts'
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, getLabel, getTime, getWidth, indent, pad, wrap } from './text.ts'

export interface LoggedRun {
  readonly begin: Begin & Head
  /** Absent where it was killed, or is at work. */
  readonly end?: End & Head
}

type Colour = 'green' | 'yellow' | 'red' | 'dim'

/** `2026-11-22 02:30`, by the clock of whoever reads it. */
export function getWhen(at: string): string {
  const time = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`
}

export const getRunWho = ({ begin: { who } }: LoggedRun): string => `${who.user}@${who.host}`
export const getRunTook = ({ end }: LoggedRun): string => (end && !end.lost ? getTime(end.ms) : '')

/** As it was typed, but for what chose the site. */
export function getRunCommand({ begin: { command, flags } }: LoggedRun): string {
  const words = Object.entries(flags).flatMap(([name, value]) => {
    if (name === 'yes' || value === false) return []
    if (value === true) return [`--${name}`]
    return (Array.isArray(value) ? value : [value]).map((one) => `--${name} ${one}`)
  })
  return [command, ...words].join(' ')
}

export function getRunResult({ end }: LoggedRun): { readonly text: string; readonly colour: Colour } {
  if (!end) return { text: 'no end', colour: 'yellow' }
  if (end.lost) return { text: 'killed', colour: 'yellow' }
  const failed = end.steps.filter(({ outcome }) => outcome === 'failed').length
  const done = end.steps.filter(({ outcome }) => outcome === 'done').length
  if (end.exit === 0) return { text: done > 0 ? `${done} done` : 'done', colour: 'green' }
  if (end.exit === 130) return { text: 'interrupted', colour: 'yellow' }
  if (end.exit === 4) return { text: 'put back', colour: 'yellow' }
  return { text: failed > 0 ? `${failed} failed` : (end.code ?? 'failed'), colour: 'red' }
}

interface RunLook extends Look {
  /** Of the site file as it is now. */
  readonly siteSha256?: string | undefined
}

/** Characters of a hash that people compare. */
const SHORT = 12

/** Pure. Ends without a line feed. */
export function renderRun(run: LoggedRun, look: RunLook): string {
  const { begin } = run
  const { site, plan, nodes } = begin
  const paint = getPaint(look)
  const isSame = site.sha256 !== undefined && site.sha256 === look.siteSha256
  const file =
    site.sha256 === undefined
      ? ''
      : ` (${site.sha256.slice(0, SHORT)}, ${isSame ? 'as it is now' : 'another text than now'})`
  const facts: readonly (readonly [string, string])[] = [
    ['When', `${getWhen(begin.at)}${getRunTook(run) && `, ${getRunTook(run)}`}`],
    ['Who', `${getRunWho(run)}, orion ${begin.who.orion}`],
    ['Site', `${site.name}${site.lab ? ' in the lab' : ''}, ${site.file}${file}`],
    ...(plan.sha256 === undefined ? [] : [['Plan', `${plan.sha256.slice(0, SHORT)}, ${getPlanText(plan)}`] as const]),
    ...(nodes.length === 0 ? [] : [['Nodes', nodes.join(', ')] as const]),
    ['Result', getEndText(run)],
  ]
  const head = indent(`Run ${begin.run}: ${clean(getRunCommand(run))}`, '', look.width).map((line) => paint.bold(line))
  const lines = facts.flatMap(([name, text]) => indent(clean(text), `  ${`${name}:`.padEnd(8)}`, look.width))
  return [...head, ...lines, ...renderSteps(run, look)].join('\n')
}

function getEndText(run: LoggedRun): string {
  const { end } = run
  if (!end) return 'no end: it was killed, or is at work'
  if (end.lost) return `killed: the next run found it without an end (${getWhen(end.at)}); how far it got is not known`
  return `${getRunResult(run).text}, exit code ${end.exit}`
}

const getPlanText = ({ kept, steps }: Begin['plan']): string =>
  `${count(steps.length, 'step')}${kept > 0 ? `, ${kept} as wanted` : ''}`

interface StepLine {
  readonly wanted: WantedStep
  readonly ended: EndedStep | undefined
}

const COLOURS: Readonly<Record<EndedStep['outcome'], Colour>> = {
  done: 'green',
  kept: 'dim',
  failed: 'red',
  blocked: 'yellow',
  interrupted: 'yellow',
  'not-tried': 'yellow',
}

/** What was wanted, and what became of it; then what was done beside it. */
function renderSteps({ begin, end }: LoggedRun, look: Look): readonly string[] {
  const ended = new Map((end?.steps ?? []).map((step) => [step.id, step]))
  const wanted = new Set(begin.plan.steps.map(({ id }) => id))
  const more = [...ended.values()].filter(({ id }) => !wanted.has(id))
  const lines: readonly StepLine[] = [...begin.plan.steps, ...more].map((step) => ({
    wanted: step,
    ended: ended.get(step.id),
  }))
  if (lines.length === 0) return []
  const colourOf = ({ ended: one }: StepLine) => (one ? COLOURS[one.outcome] : 'dim')
  const columns: readonly Column<StepLine>[] = [
    { head: 'VERB', get: ({ wanted: { verb } }) => verb, whole: true },
    { head: 'RESULT', get: (line) => resultOf(line, end), whole: true, colour: colourOf },
    { head: 'TOOK', get: ({ ended: one }) => (one?.ms ? getTime(one.ms) : ''), right: true, whole: true },
  ]
  const [head = '', ...rows] = renderTable(columns, lines, look).split('\n')
  const left = Math.max(...[head, ...rows].map(getWidth)) + 2
  const body = rows.flatMap((row, at) => renderStep(pad(row, left), lines[at]?.wanted, look))
  return ['', `${pad(head, left)}${getPaint(look).bold('STEP')}`, ...body]
}

/** Beside its row; below it the fields that were to change: that is what people look for in a journal, so nothing is cut. */
function renderStep(row: string, wanted: WantedStep | undefined, look: Look): readonly string[] {
  if (!wanted) return [row.trimEnd()]
  const { id, title, fields = [] } = wanted
  const blank = ' '.repeat(getWidth(row))
  const [first = '', ...more] = wrap(
    clean(title === undefined ? id : getLabel({ id, title })),
    look.width - blank.length,
  )
  const below = fields.length > 0 ? wrap(clean(fields.join(', ')), look.width - blank.length - 2) : []
  const paint = getPaint(look)
  return [`${row}${first}`, ...more.map((line) => blank + line), ...below.map((line) => `${blank}  ${paint.dim(line)}`)]
}

/** A run without steps of its own ended as a whole; one that was told in steps and has no word of this one did not change it. */
function resultOf({ ended }: StepLine, end: End | undefined): string {
  if (ended) return ended.code ? `${ended.outcome} (${ended.code})` : ended.outcome.replace('-', ' ')
  if (!end || end.lost) return ''
  return end.steps.length > 0 ? 'as wanted' : end.exit === 0 ? 'done' : (end.code ?? '')
}
