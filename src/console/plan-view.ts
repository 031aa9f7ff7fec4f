// The plan as a page: what would change, field by field, what cannot, and one line that sums it up.
import type { Plan, PlanStep, Verb } from '../engine/plan.ts'
import type { Difference } from '../resource.ts'
import { renderDifferences, withoutLines } from './difference-view.ts'
import { renderDisruption, renderDisruptions } from './disruption-view.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, count, cut, getParts, getWidth, indent, pad } from './text.ts'

const SYMBOLS: Readonly<Record<Verb, string>> = { create: '+', update: '~', keep: '=', remove: '-', problem: '!' }
const COLOURS = { create: 'green', update: 'yellow', keep: 'dim', remove: 'red', problem: 'red' } as const

export interface PlanLook extends Look {
  /** Also the things that are as wanted, one line each. */
  readonly verbose?: boolean
  /** How long a host waits for the confirmation of a guarded change. Default 60. */
  readonly confirmSeconds?: number
  /** What waits for its turn has a plan of its own right after this one. */
  readonly goesOn?: boolean
}

/** Pure. Ends without a line feed. */
export function renderPlan(plan: Plan, look: PlanLook): string {
  const shown = plan.steps.filter(({ verb, waits }) => look.verbose || verb !== 'keep' || waits.length > 0)
  const columns = getColumns(shown, look)
  const problems = shown.filter(({ verb }) => verb === 'problem')
  const others = shown.filter(({ verb }) => verb !== 'problem')
  const calm = plan.steps.length - shown.length
  const blocks = [
    ...others.map((step) => [
      renderHead(step, columns, look),
      ...renderPrecaution(step, look),
      ...renderDisruption(step, look),
      ...renderFields(step, look),
    ]),
    calm > 0 ? [`  ${getPaint(look).dim(`= ${calm} ${plan.goal === 'absent' ? 'not there' : 'as wanted'}`)}`] : [],
    ...renderProblems(problems, columns, look),
  ]
  const hint =
    plan.steps.some(({ brief }) => brief) && !look.verbose ? [getPaint(look).dim('--verbose shows every field.')] : []
  const sum = [renderSummary(plan, look), ...renderDisruptions(plan.steps, look.confirmSeconds ?? 60, look), ...hint]
  return [...join(blocks), ...(shown.length > 0 || calm > 0 ? [''] : []), ...sum].join('\n')
}

/** A blank line around every block that has fields; heads alone stand close together. */
function join(blocks: readonly (readonly string[])[]): string[] {
  const lines: string[] = []
  let airy = false
  for (const block of blocks.filter(({ length }) => length > 0)) {
    if (lines.length > 0 && (airy || block.length > 1)) lines.push('')
    lines.push(...block)
    airy = block.length > 1
  }
  return lines
}

function getColumns(steps: readonly PlanStep[], { width }: Look): readonly [number, number] {
  const parts = steps.map(getParts)
  const widest = (at: 0 | 1) => Math.max(0, ...parts.map((part) => getWidth(part[at])))
  return [Math.min(widest(0), 16), Math.min(widest(1), Math.floor(width / 2))]
}

function renderHead(step: PlanStep, [kindWidth, titleWidth]: readonly [number, number], look: Look): string {
  const paint = getPaint(look)
  const [kind, title, place] = getParts(step)
  const symbol = paint[COLOURS[step.verb]](SYMBOLS[step.verb])
  const name = pad(cut(title, titleWidth), place ? titleWidth : 0)
  const room = look.width - 8 - kindWidth - titleWidth
  const tail = place ? `  ${paint.dim(cut(place, Math.max(8, room)))}` : ''
  return `  ${symbol} ${pad(cut(kind, kindWidth), kindWidth)}  ${step.verb === 'keep' ? name : paint.bold(name)}${tail}`
}

/** What comes before the change: a way back, or why there is none. */
function renderPrecaution({ precaution }: PlanStep, look: Look): string[] {
  if (precaution === undefined) return []
  return indent(clean(precaution), '      ', look.width).map((line) => getPaint(look).dim(line))
}

/** Field by field; a new thing that can be told in one line is, unless every field is wanted. */
function renderFields({ verb, differences, brief, ...step }: PlanStep, look: PlanLook): string[] {
  const waits = look.goesOn ? step.waits.map(toShort) : step.waits
  if (brief === undefined || look.verbose) return renderDifferences([...differences, ...waits], look, verb === 'create')
  const lines = indent(brief, ' '.repeat(6), look.width)
  return [...lines, ...renderDifferences(waits, look, true)]
}

function toShort(difference: Difference): Difference {
  return difference.waits === 'turn' ? withoutLines(difference) : difference
}

/** One cause often stops many: the same message is said once, under all that it stops. */
function renderProblems(steps: readonly PlanStep[], columns: readonly [number, number], look: PlanLook): string[][] {
  const byCause = new Map<string, PlanStep[]>()
  for (const step of steps) {
    const cause = JSON.stringify([step.problem?.message, step.problem?.suggestions])
    byCause.set(cause, [...(byCause.get(cause) ?? []), step])
  }
  const paint = getPaint(look)
  return [...byCause.values()].map((group) => {
    const { problem } = group[0] as PlanStep
    const message = indent(problem?.message ?? 'cannot be planned', '      ', look.width)
    const tries = (problem?.suggestions ?? []).flatMap((text) => indent(text, '      Try: ', look.width))
    const fields = group.length === 1 ? group.flatMap((step) => renderFields(step, look)) : []
    return [
      ...group.map((step) => renderHead(step, columns, look)),
      ...fields,
      ...message,
      ...tries.map((line) => paint.cyan(line)),
    ]
  })
}

function renderSummary(plan: Plan, look: Look): string {
  const counts = { create: 0, update: 0, keep: 0, remove: 0, problem: 0 }
  for (const { verb } of plan.steps) counts[verb] += 1
  const waits = plan.steps.filter((step) => step.waits.length > 0).length
  const { create, update, keep, remove, problem } = counts
  const change =
    plan.goal === 'absent'
      ? `${remove} to remove, ${keep} not there`
      : `${create} to create, ${update} to change, ${remove} to remove, ${keep} as wanted`
  const waiting = waits > 0 ? `; ${waits} waiting` : ''
  const stopped = problem > 0 ? `; ${count(problem, 'problem')}` : ''
  return `${getPaint(look).bold('Plan:')} ${change}${waiting}${stopped}`
}
