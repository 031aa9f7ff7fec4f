// The page of `orion keeper test`: what the Keeper of each node would do, in its order.
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, indent } from './text.ts'

export interface ActionLine {
  readonly action: string
  readonly name: string
  readonly vmid: number
  readonly kind: string
  readonly toMib?: number
  readonly seconds?: number
  readonly onlyIfRunning?: true
}

export interface TestLine {
  readonly node: string
  readonly test?: {
    readonly celsius: number
    readonly limit?: number
    readonly sheds: boolean
    readonly actions: readonly ActionLine[]
    readonly skipped: readonly { readonly name: string; readonly vmid: number; readonly reason: string }[]
  }
  readonly problem?: { readonly message: string; readonly suggestions: readonly string[] }
}

const MARGIN = '  '

/** Pure. Ends without a line feed. */
export function renderTests(lines: readonly TestLine[], look: Look): string {
  return lines.map((line) => renderOne(line, look).join('\n')).join('\n\n')
}

function renderOne({ node, test, problem }: TestLine, look: Look): string[] {
  const paint = getPaint(look)
  if (test === undefined || problem !== undefined) {
    const { message = 'no answer', suggestions = [] } = problem ?? {}
    return [
      ...indent(message.includes(node) ? message : `${node}: ${message}`, '✖ ', look.width).map((line) =>
        paint.red(line),
      ),
      ...suggestions.flatMap((hint) => indent(hint, '  Try: ', look.width)).map((line) => paint.cyan(line)),
    ]
  }
  const { actions, skipped } = test
  const inner = { ...look, width: look.width - MARGIN.length }
  const rows = actions.map((action, at) => ({ ...action, at: at + 1 }))
  const table = rows.length === 0 ? [] : renderTable(COLUMNS, rows, inner).split('\n')
  const passed = skipped.map(({ name, vmid, reason }) => `${name} (${vmid}): ${reason}`)
  return [
    ...indent(headOf(test), `${clean(node)}  `, look.width).map((line, at) => (at === 0 ? paint.bold(line) : line)),
    ...table.map((line) => MARGIN + line),
    ...(passed.length === 0
      ? []
      : indent(passed.join(', '), `${MARGIN}passed over: `, look.width).map((line) => paint.dim(line))),
  ]
}

function headOf({ celsius, limit, sheds, actions }: NonNullable<TestLine['test']>): string {
  if (limit === undefined) return `it has no limit, and sheds nothing at ${celsius} °C`
  if (!sheds) return `${celsius} °C is not over the limit of ${limit} °C: it would do nothing`
  if (actions.length === 0) return `at ${celsius} °C (limit ${limit} °C) it has nothing to shed`
  return `at ${celsius} °C (limit ${limit} °C) it would, one after the other while it stays hot:`
}

const DOES: ReadonlyMap<string, string> = new Map([
  ['balloon', 'take idle memory'],
  ['shutdown', 'shut down'],
  ['stop', 'stop'],
])

const COLUMNS: readonly Column<ActionLine & { readonly at: number }>[] = [
  { head: '#', get: ({ at }) => String(at), right: true },
  { head: 'IT WOULD', get: ({ action }) => DOES.get(action) ?? action },
  { head: 'GUEST', get: ({ name, vmid }) => `${name} (${vmid})` },
  { head: 'HOW', get: howOf },
]

function howOf({ toMib, seconds, onlyIfRunning }: ActionLine): string {
  if (toMib !== undefined) return `down to ${toMib} MiB`
  if (seconds !== undefined) return `${seconds} s to end itself`
  return onlyIfRunning ? 'only if it runs on' : '-'
}
