// The end of a run as a page: what was done, what failed and why, what was not tried, what waits, what still runs.
import type { Report, ReportStep } from '../engine/report.ts'
import { renderDifferences, withoutLines } from './difference-view.ts'
import { getPaint, type Look } from './paint.ts'
import { count, getLabel, getTime, indent } from './text.ts'

export interface ReportLook extends Look {
  /** The command that continues after a failure or an interrupt, e.g. `orion vm apply`. */
  readonly again?: string
  /** The same command does by itself what waits for its turn. */
  readonly goesOn?: boolean
}

const TRIES = {
  restart: 'run it with --restart, to restart the guests that need it',
  turn: 'run it once more: what must not change together with something else is changed then',
  other: 'run it again with the other end, too',
} as const

/** Pure. Ends without a line feed. Its last line is the sum. */
export function renderReport(report: Report, look: ReportLook): string {
  const blocks = [
    ...renderWarnings(report, look),
    ...renderFailed(report, look),
    renderNotTried(report, look),
    ...renderWaits(report, look),
    renderRunning(report, look),
  ].filter(({ length }) => length > 0)
  return [...blocks.flatMap((block) => [...block, '']), ...renderSum(report, look)].join('\n')
}

function renderWarnings({ steps }: Report, look: Look): string[][] {
  const paint = getPaint(look)
  return steps
    .filter(({ warnings }) => warnings.length > 0)
    .map((step) => [
      `${paint.yellow('warning')}  ${getLabel(step)}`,
      ...step.warnings.flatMap((text) => indent(text, '  ', look.width)),
    ])
}

function renderFailed({ steps }: Report, look: Look): string[][] {
  const paint = getPaint(look)
  return steps
    .filter(({ outcome }) => outcome === 'failed')
    .map((step) => [
      `${paint.red('failed')}  ${paint.bold(getLabel(step))}`,
      ...indent(step.error?.message ?? 'no reason given', '  ', look.width),
      ...(step.error?.suggestions ?? [])
        .flatMap((text) => indent(text, '  Try: ', look.width))
        .map((line) => paint.cyan(line)),
    ])
}

/** What was blocked, by what it waited for; then what Ctrl-C kept from starting, as a number. */
function renderNotTried({ steps, counts }: Report, look: Look): string[] {
  const titles = new Map(steps.map((step) => [step.id, getLabel(step)]))
  const byCulprit = new Map<string, ReportStep[]>()
  for (const step of steps) {
    if (step.blockedBy === undefined) continue
    const culprit = titles.get(step.blockedBy) ?? step.blockedBy
    const group = byCulprit.get(culprit)
    if (group) group.push(step)
    else byCulprit.set(culprit, [step])
  }
  const lines = [...byCulprit].flatMap(([culprit, group]) => {
    const names = group.slice(0, 12).map(getLabel)
    const more = group.length > names.length ? `, and ${group.length - names.length} more` : ''
    const head = `not tried, because ${culprit} failed: `
    return indent(`${head}${names.join(', ')}${more}`, '', look.width)
  })
  const late = counts['not-tried']
  return late > 0 ? [...lines, `${count(late, 'step')} not tried after the interrupt`] : lines
}

/** Without the lines of files: the plan has shown them. */
function renderWaits({ steps }: Report, look: ReportLook): string[][] {
  const waiting = steps.filter(({ waits, outcome }) => waits.length > 0 && (outcome === 'done' || outcome === 'kept'))
  const kinds = new Set(waiting.flatMap(({ waits }) => waits.map((difference) => difference.waits)))
  const paint = getPaint(look)
  const blocks = waiting.map((step) => [
    `${paint.yellow('waits')}  ${getLabel(step)}`,
    ...renderDifferences(step.waits.map(withoutLines), look, false),
  ])
  const hints = (['restart', 'turn', 'other'] as const).filter(
    (kind) => kinds.has(kind) && !(kind === 'turn' && look.goesOn),
  )
  return [...blocks, ...hints.map((kind) => [paint.cyan(`  Try: ${TRIES[kind]}`)])]
}

function renderRunning({ running }: Report, look: Look): string[] {
  if (running.length === 0) return []
  const lines = running.flatMap((task) => [`  ${getLabel(task)}`, `    ${getPaint(look).dim(task.upid)}`])
  return ['These tasks go on in Proxmox VE without orion:', ...lines]
}

function renderSum({ counts, ms, interrupted }: Report, look: ReportLook): string[] {
  const paint = getPaint(look)
  const { done, kept, failed, blocked } = counts
  const late = blocked + counts['not-tried']
  const parts = [
    `${done} done`,
    `${kept} as wanted`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(counts.interrupted > 0 ? [`${counts.interrupted} interrupted`] : []),
    ...(late > 0 ? [`${late} not tried`] : []),
  ]
  const word = interrupted ? paint.yellow('Interrupted:') : failed > 0 ? paint.red('Failed:') : paint.green('Done:')
  const sum = `${word} ${parts.join(', ')}, in ${getTime(ms)}`
  const next = (interrupted || failed > 0) && look.again ? [paint.cyan(`To go on: ${look.again}`)] : []
  return [sum, ...next]
}
