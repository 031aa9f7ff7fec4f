// One difference as aligned lines: the field, what is, what is wanted, over which channel, and what it waits for.
import type { Difference } from '../resource.ts'
import { renderDiff } from './diff-view.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, cut, getWidth, pad, wrap } from './text.ts'

const INDENT = 6
const MOST_LINES = 4
const WAITS = { restart: '(restart)', pinning: '(core pinning)' } as const

/** The lines of several differences, their fields as one column. `fresh`: of a new thing, where only what is wanted counts. */
export function renderDifferences(differences: readonly Difference[], look: Look, fresh: boolean): string[] {
  const fields = differences.filter(({ lines }) => lines === undefined)
  const widest = Math.max(0, ...fields.map(({ field }) => getWidth(clean(field))))
  const column = Math.min(widest, Math.floor(look.width / 3))
  return differences.flatMap((difference) =>
    difference.lines === undefined
      ? renderDifference(difference, column, look, fresh)
      : renderFile(difference, difference.lines, look),
  )
}

/** A file has its whole path, and below it the lines that change. */
function renderFile(difference: Difference, lines: readonly string[], look: Look): string[] {
  const path = clean(difference.field)
  const short = renderDifference({ ...difference, field: '' }, 0, look, false)
  const room = look.width - INDENT - getWidth(path)
  const [first = '', ...more] = short.map((line) => line.trimStart())
  const head =
    more.length === 0 && getWidth(first) + 2 <= room
      ? [`${' '.repeat(INDENT)}${getPaint(look).dim(path)}  ${first}`]
      : [...wrap(path, look.width - INDENT).map((line) => ' '.repeat(INDENT) + getPaint(look).dim(line)), ...short]
  return [...head, ...renderDiff(lines, ' '.repeat(INDENT + 2), look)]
}

function renderDifference(difference: Difference, column: number, look: Look, fresh: boolean): string[] {
  const paint = getPaint(look)
  const start = ' '.repeat(INDENT) + paint.dim(pad(cut(clean(difference.field), column), column)) + '  '
  const room = Math.max(20, look.width - INDENT - column - 2)
  const { mark, colour } = getMark(difference)
  const tail = mark ? ` ${paint[colour](mark)}` : ''
  const { have, want } = { have: show(difference.have), want: show(difference.want) }
  const short = fresh && difference.have === undefined ? want : `${have} → ${want}`
  const blank = ' '.repeat(INDENT + column + 2)
  if (getWidth(short) + getWidth(tail) <= room) {
    const text = short === want ? paint.green(want) : `${paint.red(have)} → ${paint.green(want)}`
    return [start + text + tail]
  }
  const marked = mark ? [blank + paint[colour](mark)] : []
  if (short === want) return [...place(want, start, blank, room, paint.green), ...marked]
  const lines = [
    ...place(have, start, blank, room, paint.red),
    ...place(want, `${blank}→ `, `${blank}  `, room - 2, paint.green),
  ]
  return [...lines, ...marked]
}

/** Over which channel a change is made, where it is not the API's own; what waits is no change yet, and stands out. */
function getMark({ waits, channel }: Difference): { mark: string; colour: 'yellow' | 'dim' } {
  if (waits) return { mark: WAITS[waits], colour: 'yellow' }
  return { mark: channel === 'root' ? '(root over ssh)' : '', colour: 'dim' }
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
