// One run of the journal: its words for a table, and as a page with its steps.
import type { Begin, End, EndedStep, Head, WantedStep } from '../engine/journal.ts'
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, cut, getLabel, getTime, indent } from './text.ts'

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
export const getRunTook = ({ end }: LoggedRun): string => (end ? getTime(end.ms) : '')

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
  const { begin, end } = run
  const { site, plan, nodes } = begin
  const paint = getPaint(look)
  const result = getRunResult(run)
  const isSame = site.sha256 !== undefined && site.sha256 === look.siteSha256
  const file =
    site.sha256 === undefined
      ? ''
      : ` (${site.sha256.slice(0, SHORT)}, ${isSame ? 'as it is now' : 'another text than now'})`
  const facts: readonly (readonly [string, string])[] = [
    ['When', `${getWhen(begin.at)}${end ? `, ${getTime(end.ms)}` : ''}`],
    ['Who', `${getRunWho(run)}, orion ${begin.who.orion}`],
    ['Site', `${site.name}${site.lab ? ' in the lab' : ''}, ${site.file}${file}`],
    ...(plan.sha256 === undefined ? [] : [['Plan', `${plan.sha256.slice(0, SHORT)}, ${getPlanText(plan)}`] as const]),
    ...(nodes.length === 0 ? [] : [['Nodes', nodes.join(', ')] as const]),
    ['Result', end ? `${result.text}, exit code ${end.exit}` : 'no end: it was killed, or is at work'],
  ]
  const head = indent(`Run ${begin.run}: ${clean(getRunCommand(run))}`, '', look.width).map((line) => paint.bold(line))
  const lines = facts.flatMap(([name, text]) => indent(clean(text), `  ${`${name}:`.padEnd(8)}`, look.width))
  return [...head, ...lines, ...renderSteps(run, look)].join('\n')
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
    { head: 'STEP', get: ({ wanted: { id, title } }) => (title === undefined ? id : getLabel({ id, title })) },
    { head: 'VERB', get: ({ wanted: { verb } }) => verb, whole: true },
    { head: 'RESULT', get: (line) => resultOf(line, end), whole: true, colour: colourOf },
    { head: 'TOOK', get: ({ ended: one }) => (one?.ms ? getTime(one.ms) : ''), right: true, whole: true },
    { head: 'FIELDS', get: ({ wanted: { fields = [] } }) => cut(fields.join(', '), 60) },
  ]
  const some = columns.filter(({ head, get }) => head !== 'FIELDS' || lines.some((line) => get(line) !== ''))
  return ['', renderTable(some, lines, look)]
}

/** A run without steps of its own ended as a whole; one that was told in steps and has no word of this one did not change it. */
function resultOf({ ended }: StepLine, end: End | undefined): string {
  if (ended) return ended.code ? `${ended.outcome} (${ended.code})` : ended.outcome.replace('-', ' ')
  if (!end) return ''
  return end.steps.length > 0 ? 'as wanted' : end.exit === 0 ? 'done' : (end.code ?? '')
}
