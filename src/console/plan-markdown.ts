// The plan as Markdown for a pull request: one line that sums it up, a table, and what changes folded away below it.
import type { Plan, PlanStep, Verb } from '../engine/plan.ts'
import type { Difference } from '../resource.ts'
import { getDisruptions, renderDisruptions } from './disruption-view.ts'
import { toCode, toComment, toFence, toHtml } from './markdown.ts'
import { clean, count, cut, getLabel, getParts, getWidth } from './text.ts'

export interface MarkdownLook {
  /** The command that does it, and the one that showed it: `vm apply`, `vm plan`. */
  readonly command: string
  readonly again: string
  /** How long a host waits for the confirmation of a guarded change. */
  readonly confirmSeconds: number
  /** Every field of what is new, and not only the whole of it in one line. */
  readonly verbose?: boolean
  /** Characters at most; default: 60000, as a comment on GitHub holds 65536. */
  readonly most?: number
}

const MOST = 60_000
/** Of these: for the table, for what it interrupts, and kept for the words at the end. */
const SHARES = { table: 0.4, interrupts: 0.05, end: 400 } as const

const CHANGE_WIDTH = 160
const isCut = (text: string): boolean => getWidth(text) > CHANGE_WIDTH

const SYMBOLS: Readonly<Record<Verb, string>> = { create: '+', update: '~', keep: '=', remove: '-', problem: '!' }
const WAITS = {
  restart: 'waits for a restart',
  turn: 'waits for the next run',
  other: 'waits for its other end, which is left out',
  operator: 'is yours to do',
} as const

/** Pure. Ends without a line feed, and is never longer than it may be. */
export function renderMarkdown(plan: Plan, look: MarkdownLook): string {
  const { most = MOST } = look
  const shown = plan.steps.filter(({ verb, waits }) => verb !== 'keep' || waits.length > 0)
  const head = [
    toComment(`orion plan ${plan.site} ${look.command}`),
    `### Plan for ${toCode(plan.site)}: ${toCode(`orion ${look.command}`)}`,
    '',
    `**${renderSum(plan)}**`,
    '',
    ...renderInterrupts(plan, look, Math.floor(most * SHARES.interrupts)),
  ]
  if (shown.length === 0) return head.join('\n').trimEnd()
  const table = renderTable(shown, Math.floor(most * SHARES.table))
  const top = [...head, ...table, ''].join('\n')
  return `${top}\n${renderDetails(shown, look, most - top.length - SHARES.end)}`.trimEnd()
}

function renderSum({ steps }: Plan): string {
  const of = (verb: Verb): number => steps.filter((step) => step.verb === verb).length
  const waiting = steps.filter(({ waits }) => waits.length > 0).length
  const problems = of('problem')
  return [
    `${of('create')} to create, ${of('update')} to change, ${of('remove')} to remove, ${of('keep')} as wanted`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(problems > 0 ? [count(problems, 'problem')] : []),
  ].join('; ')
}

function renderInterrupts({ steps }: Plan, { confirmSeconds }: MarkdownLook, most: number): string[] {
  const sentences = renderDisruptions(steps, confirmSeconds, { width: 100, colour: false })
  return sentences.length === 0 ? [] : [...toFence('text', keepFitting(sentences, most)), '']
}

/** As many rows as fit, then a number. */
function renderTable(steps: readonly PlanStep[], most: number): string[] {
  const lines = ['| | Kind | Name | Where | Change |', '|:-:|---|---|---|---|']
  let left = most
  for (const [at, step] of steps.entries()) {
    const row = renderRow(step)
    left -= row.length + 1
    if (left < 0) return [...lines, `| | | and ${steps.length - at} more | | |`]
    lines.push(row)
  }
  return lines
}

function renderRow(step: PlanStep): string {
  const [kind, title, place] = getParts(step)
  const cells = [SYMBOLS[step.verb], cut(kind, 30), cut(title, 80), cut(place, 80), cut(tellChange(step), CHANGE_WIDTH)]
  return `| ${cells.map((cell) => toCode(cell.replaceAll('|', '¦'))).join(' | ')} |`
}

/** The whole of a new thing, else the names of what changes. */
function tellChange({ verb, brief, differences, waits, problem }: PlanStep): string {
  if (problem) return clean(problem.message)
  if (brief !== undefined) return clean(brief)
  const fields = [...new Set([...differences, ...waits].map(({ field }) => clean(field)))].join(', ')
  return verb === 'remove' ? 'goes' : fields
}

/** One folded block for each step, as long as they fit; the last one that fits in part is cut. */
function renderDetails(steps: readonly PlanStep[], look: MarkdownLook, most: number): string {
  const blocks: string[] = []
  let left = most
  for (const [at, step] of steps.entries()) {
    const lines = renderStep(step, look.verbose ?? false)
    if (lines.length === 0) continue
    const whole = toBlock(step, lines)
    const block = whole.length <= left ? whole : toBlock(step, keepFitting(lines, left - toBlock(step, []).length))
    if (block.length > left) return [...blocks, renderRest(steps.slice(at), look)].join('\n')
    blocks.push(block)
    left -= block.length + 1
    if (block !== whole) return [...blocks, renderRest(steps.slice(at + 1), look)].join('\n')
  }
  return blocks.join('\n')
}

function renderRest(steps: readonly PlanStep[], { again }: MarkdownLook): string {
  const more =
    steps.length === 0
      ? 'Not everything fits here'
      : `What ${count(steps.length, 'more step')} would change does not fit here`
  return `\n${more}: ${toCode(`orion ${again} --verbose`)} shows all of it.`
}

function toBlock(step: PlanStep, lines: readonly string[]): string {
  const summary = `<details><summary><code>${SYMBOLS[step.verb]} ${toHtml(cut(getLabel(step), 200))}</code></summary>`
  return [summary, '', ...toFence('diff', lines), '', '</details>', ''].join('\n')
}

/** In the notation of a diff: what goes, what comes, and with `!` what is worth a look. */
function renderStep(step: PlanStep, verbose: boolean): string[] {
  const { verb, differences, waits, brief, problem, precaution } = step
  const interrupts = getDisruptions(step).map((text) => `! interrupts ${text}`)
  const told =
    verb === 'create' && brief !== undefined && !verbose ? tellNew(brief) : differences.flatMap(renderDifference)
  return [
    ...(problem ? problem.message.split('\n').map((line) => `! ${clean(line)}`) : []),
    ...(problem?.suggestions ?? []).map((text) => `# Try: ${clean(text)}`),
    ...interrupts,
    ...(precaution === undefined ? [] : [`# ${clean(precaution)}`]),
    ...told,
    ...waits.flatMap((difference) => [`! ${renderChange(difference)} ${WAITS[difference.waits ?? 'turn']}`]),
  ]
}

/** A new thing stands in the table already, where all of it fits. */
const tellNew = (brief: string): string[] => (isCut(clean(brief)) ? [`+ ${clean(brief)}`] : [])

function renderDifference(difference: Difference): string[] {
  const { field, have, want, lines, channel } = difference
  if (lines !== undefined)
    return [`@@ ${clean(field)} @@`, ...lines.map((line) => clean(line.replaceAll('\t', '    ')))]
  const root = channel === 'root' ? '  (root over ssh)' : ''
  return [
    ...(have === undefined ? [] : [`- ${clean(field)}: ${clean(have)}`]),
    ...(want === undefined ? [] : [`+ ${clean(field)}: ${clean(want)}${root}`]),
  ]
}

const renderChange = ({ field, have = 'none', want = 'none' }: Difference): string =>
  `${clean(field)}: ${clean(have)} → ${clean(want)}`

/** As many lines as fit into so many characters, and how many do not. */
function keepFitting(lines: readonly string[], most: number): string[] {
  const kept: string[] = []
  // Of the line that says it, and a fence that may be longer than three.
  let left = most - 60
  for (const [at, line] of lines.entries()) {
    left -= line.length + 1
    if (left < 0) return [...kept, `# ${lines.length - at} more`]
    kept.push(line)
  }
  return kept
}
