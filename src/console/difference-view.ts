// One difference as aligned lines: the field, what is, what is wanted, and what it waits for.
import type { Difference } from '../resource.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, cut, getWidth, pad, wrap } from './text.ts'

const INDENT = 6
const MOST_LINES = 4
const WAITS = { restart: '(restart)', root: '(root channel)' } as const

/** The lines of several differences, their fields as one column. `fresh`: of a new thing, where only what is wanted counts. */
export function renderDifferences(differences: readonly Difference[], look: Look, fresh: boolean): string[] {
  const widest = Math.max(0, ...differences.map(({ field }) => getWidth(clean(field))))
  const column = Math.min(widest, Math.floor(look.width / 3))
  return differences.flatMap((difference) => renderDifference(difference, column, look, fresh))
}

function renderDifference(difference: Difference, column: number, look: Look, fresh: boolean): string[] {
  const paint = getPaint(look)
  const start = ' '.repeat(INDENT) + paint.dim(pad(cut(clean(difference.field), column), column)) + '  '
  const room = Math.max(20, look.width - INDENT - column - 2)
  const mark = difference.waits ? WAITS[difference.waits] : ''
  const tail = mark ? ` ${paint.yellow(mark)}` : ''
  const { have, want } = { have: show(difference.have), want: show(difference.want) }
  const short = fresh && difference.have === undefined ? want : `${have} → ${want}`
  const blank = ' '.repeat(INDENT + column + 2)
  if (getWidth(short) + getWidth(tail) <= room) {
    const text = short === want ? paint.green(want) : `${paint.red(have)} → ${paint.green(want)}`
    return [start + text + tail]
  }
  const marked = mark ? [blank + paint.yellow(mark)] : []
  if (short === want) return [...place(want, start, blank, room, paint.green), ...marked]
  const lines = [
    ...place(have, start, blank, room, paint.red),
    ...place(want, `${blank}→ `, `${blank}  `, room - 2, paint.green),
  ]
  return [...lines, ...marked]
}

/** A long value on at most four lines. */
function place(text: string, start: string, blank: string, room: number, colour: (text: string) => string): string[] {
  const lines = wrap(text, room)
  const shown = lines.slice(0, MOST_LINES)
  if (lines.length > MOST_LINES) shown[MOST_LINES - 1] = cut(`${shown[MOST_LINES - 1]}…`, room)
  return shown.map((line, at) => (at === 0 ? start : blank) + colour(line))
}

function show(value: string | undefined): string {
  if (value === undefined) return 'none'
  return value === '' ? '""' : clean(value)
}
