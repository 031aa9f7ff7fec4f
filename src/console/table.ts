// A table for people: aligned columns that fit the terminal.
import { getPaint, type Look } from './paint.ts'
import { clean, cut, getWidth, pad } from './text.ts'

export interface Column<Row> {
  readonly head: string
  readonly get: (row: Row) => string
  /** Numbers stand at the right. */
  readonly right?: true
  /** Never cut: what is to be typed again. */
  readonly whole?: true
  readonly colour?: (row: Row) => 'green' | 'yellow' | 'red' | 'cyan' | 'dim' | undefined
}

const GAP = 2
const LEAST = 4

/** Pure. Ends without a line feed. Where it is too wide, the widest columns are cut. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], look: Look): string {
  const paint = getPaint(look)
  const cells = rows.map((row) => columns.map(({ get }) => clean(get(row))))
  const natural = columns.map(({ head }, at) =>
    Math.max(getWidth(head), ...cells.map((line) => getWidth(line[at] ?? ''))),
  )
  const whole = columns.map((column) => column.whole === true)
  const widths = shrink(natural, whole, look.width - GAP * (columns.length - 1))
  const place = (text: string, at: number): string => {
    const width = widths[at] ?? LEAST
    const shown = cut(text, width)
    return columns[at]?.right ? ' '.repeat(Math.max(0, width - getWidth(shown))) + shown : pad(shown, width)
  }
  const gap = ' '.repeat(GAP)
  const head = columns.map(({ head: text }, at) => place(text, at)).join(gap)
  const body = rows.map((row, line) =>
    columns
      .map(({ colour }, at) => {
        const text = place(cells[line]?.[at] ?? '', at)
        const name = colour?.(row)
        return name ? paint[name](text) : text
      })
      .join(gap)
      .trimEnd(),
  )
  return [paint.bold(head.trimEnd()), ...body].join('\n')
}

/** Takes from the widest column, one by one, until all fit. */
function shrink(natural: readonly number[], whole: readonly boolean[], room: number): number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const widest = Math.max(...widths.filter((_, at) => !whole[at]))
    if (widest <= LEAST) break
    widths[widths.findIndex((width, at) => width === widest && !whole[at])] = widest - 1
    over -= 1
  }
  return widths
}
