// The page of `orion keeper predict`: disks that fail, which guests would go where, which stay and why, and what to do.
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, indent } from './text.ts'

export interface MoveLine {
  readonly guest: string
  readonly vmid: number
  readonly from: string
  readonly to: string
  readonly how: 'live' | 'restart' | 'offline'
  readonly memoryMib: number
  readonly remarks: readonly string[]
}

export interface ForecastLine {
  readonly node: string
  readonly failing: readonly {
    readonly disk: string
    readonly model: string
    readonly serial: string
    readonly reasons: readonly string[]
  }[]
  readonly disks: number
  readonly moves: readonly MoveLine[]
  readonly stays: readonly { readonly guest: string; readonly vmid: number; readonly why: readonly string[] }[]
  readonly underWay: readonly string[]
  readonly remarks: readonly { readonly text: string; readonly hint?: string }[]
}

export interface NodeLine {
  readonly node: string
  readonly forecast?: ForecastLine
  readonly problem?: { readonly message: string; readonly suggestions: readonly string[] }
}

const MARGIN = '  '

/** Pure. Ends without a line feed. */
export function renderForecasts(nodes: readonly NodeLine[], look: Look): string {
  const well = nodes.filter(({ forecast }) => forecast?.failing.length === 0 && forecast.remarks.length === 0)
  const others = nodes.filter((line) => !well.includes(line))
  const paint = getPaint(look)
  const disks = well.reduce((sum, { forecast }) => sum + (forecast?.disks ?? 0), 0)
  const names = well.map(({ node }) => node).join(', ')
  const calm = indent(`${names}: ${count(disks, 'disk')}, none of them fails`, '✔ ', look.width)
  return [
    ...others.map((line) => renderNode(line, look).join('\n')),
    ...(well.length === 0 ? [] : [calm.map((line) => paint.green(line)).join('\n')]),
  ].join('\n\n')
}

function renderNode({ node, forecast, problem }: NodeLine, look: Look): string[] {
  const paint = getPaint(look)
  const tries = (hints: readonly string[]) =>
    hints.flatMap((hint) => indent(hint, `${MARGIN}Try: `, look.width)).map((line) => paint.cyan(line))
  if (forecast === undefined) {
    const { message, suggestions } = problem ?? { message: 'it was not looked at', suggestions: [] }
    const text = message.includes(node) ? message : `${node}: ${message}`
    return [...indent(text, '✖ ', look.width).map((line) => paint.red(line)), ...tries(suggestions)]
  }
  return [
    ...(forecast.failing.length === 0 ? [paint.bold(clean(node))] : renderDisks(forecast, look)),
    ...renderMoves(forecast, look),
    ...renderStays(forecast, look),
    ...forecast.remarks.flatMap(({ text, hint }) => [
      ...indent(text, '! ', look.width).map((line) => paint.yellow(line)),
      ...tries(hint === undefined ? [] : [hint]),
    ]),
  ]
}

function renderDisks({ node, failing }: ForecastLine, look: Look): string[] {
  const paint = getPaint(look)
  const lines = failing.flatMap(({ disk, model, serial, reasons }) => {
    const which = [model, serial].filter((text) => text !== '').join(' ')
    const why = reasons.join(', ') || 'SMART says so'
    return indent(`${disk}${which === '' ? '' : ` (${which})`} fails: ${why}`, '✖ ', look.width)
  })
  return [paint.bold(clean(node)), ...lines.map((line) => paint.red(line))]
}

const COLUMNS: readonly Column<MoveLine>[] = [
  { head: 'GUEST', get: ({ guest, vmid }) => `${guest} (${vmid})` },
  { head: 'TO', get: ({ to }) => to },
  { head: 'HOW', get: ({ how }) => how, colour: ({ how }) => (how === 'restart' ? 'yellow' : undefined) },
  { head: 'MEMORY', get: ({ memoryMib }) => `${Math.round(memoryMib / 102.4) / 10}G`, right: true },
  { head: 'REMARKS', get: ({ remarks }) => remarks.join(', ') || '-' },
]

function renderMoves({ moves, underWay }: ForecastLine, look: Look): string[] {
  const inner = { ...look, width: look.width - MARGIN.length }
  const table = moves.length === 0 ? [] : renderTable(COLUMNS, moves, inner).split('\n')
  const going = underWay.length === 0 ? [] : indent(`under way: ${underWay.join(', ')}`, MARGIN, look.width)
  return [
    ...(table.length > 0 ? [`${MARGIN}Would go, in this order:`] : []),
    ...table.map((line) => MARGIN + line),
    ...going,
  ]
}

function renderStays({ stays }: ForecastLine, look: Look): string[] {
  if (stays.length === 0) return []
  return [
    `${MARGIN}Cannot go:`,
    ...stays.flatMap(({ guest, vmid, why }) =>
      indent(why.join('; '), `${MARGIN}${clean(guest)} (${vmid})  `, look.width),
    ),
  ]
}
