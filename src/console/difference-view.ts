// One difference as aligned lines: the field, what is, what is wanted, over which channel, and what it waits for.
import type { Difference } from '../resource.ts'
import { renderDiff } from './diff-view.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, cut, getWidth, indent, pad, wrap } from './text.ts'

const INDENT = 6
const MOST_LINES = 4
const MOST_OF_FILE = 40
const WAITS = {
  restart: '(restart)',
  turn: '(in the next run)',
  other: '(its other end is left out)',
  operator: '(yours to do)',
} as const

interface DifferenceLook extends Look {
  /** Every line of a file's change; undefined = the first forty, on a page that has no such flag. */
  readonly verbose?: boolean
}

/** The lines of several differences, their fields as one column. `fresh`: of a new thing, where only what is wanted counts. */
export function renderDifferences(differences: readonly Difference[], look: DifferenceLook, fresh: boolean): string[] {
  const most = Math.floor(look.width / 3)
  const isFile = ({ field, lines }: Difference) =>
    lines !== undefined || (field.startsWith('/') && getWidth(field) > most)
  const fields = differences.filter((difference) => !isFile(difference))
  const widest = Math.max(0, ...fields.map(({ field }) => getWidth(clean(field))))
  const column = Math.min(widest, most)
  const lines = differences.flatMap((difference) =>
    isFile(difference) ? renderFile(difference, look, fresh) : renderDifference(difference, column, look, fresh),
  )
  return [...lines, ...renderHints(differences, look)]
}

/** What only the operator can do: said once, below all that waits for it. */
function renderHints(differences: readonly Difference[], look: Look): string[] {
  const hints = differences.flatMap(({ waits, hint }) => (waits === 'operator' && hint !== undefined ? [hint] : []))
  const lines = [...new Set(hints)].flatMap((hint) => indent(clean(hint), ' '.repeat(INDENT), look.width))
  return lines.map((line) => getPaint(look).cyan(line))
}

/** The same with a file's name and digests alone. Pure. */
export function withoutLines({ lines: _, ...rest }: Difference): Difference {
  return rest
}

/** A file has its whole path, and below it the lines that change, where they are told. */
function renderFile(difference: Difference, look: DifferenceLook, fresh: boolean): string[] {
  const { field, lines = [] } = difference
  const path = clean(field)
  const short = renderDifference({ ...difference, field: '' }, 0, look, fresh && lines.length === 0)
  const room = look.width - INDENT - getWidth(path)
  const [first = '', ...more] = short.map((line) => line.trimStart())
  const head =
    more.length === 0 && getWidth(first) + 2 <= room
      ? [`${' '.repeat(INDENT)}${getPaint(look).dim(path)}  ${first}`]
      : [...wrap(path, look.width - INDENT).map((line) => ' '.repeat(INDENT) + getPaint(look).dim(line)), ...short]
  return [...head, ...renderDiff(shorten(lines, look), ' '.repeat(INDENT + 2), look)]
}

function shorten(lines: readonly string[], { verbose }: DifferenceLook): readonly string[] {
  if (verbose || lines.length <= MOST_OF_FILE) return lines
  const kept = lines.slice(0, MOST_OF_FILE - 1)
  return [...kept, `… ${lines.length - kept.length} more${verbose === false ? ' (--verbose shows every line)' : ''}`]
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
