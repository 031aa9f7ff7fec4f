// The lines of `orion keeper log`: when, on which node, what; errors red, warnings yellow.
import { getPaint, type Look } from './paint.ts'
import { clean, getWidth, indent, pad } from './text.ts'

export interface LogLine {
  readonly node: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of syslog. */
  readonly priority: number
  readonly text: string
}

const ERROR = 3
const WARNING = 4

/** Pure. One entry; a long one goes on under itself. The nodes are one column; of one node alone there is none. */
export function renderLog(entries: readonly LogLine[], names: readonly string[], look: Look): readonly string[] {
  const paint = getPaint(look)
  const column = names.length < 2 ? 0 : Math.max(...names.map(getWidth))
  return entries.flatMap(({ node, at, priority, text }) => {
    const place = column === 0 ? '' : `${pad(clean(node), column)}  `
    const lines = indent(clean(text), `${timeOf(at)}  ${place}`, look.width)
    if (priority <= ERROR) return lines.map((line) => paint.red(line))
    return priority === WARNING ? lines.map((line) => paint.yellow(line)) : lines
  })
}

/** `11-21 22:03:21`, by the clock of whoever reads it. */
function timeOf(at: number): string {
  const time = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}
