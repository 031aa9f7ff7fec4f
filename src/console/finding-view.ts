// A finding of the site file at the width of the terminal: its message at words, its lines as a window around the caret.
import type { Look } from './paint.ts'
import { indent } from './text.ts'

/** What of a line is shown left of the caret where not all of it has room. */
const BEFORE = 20

/** `head`: place and message; `frame`: the lines with a caret under them, '' = none. Pure. */
export function renderFinding(head: string, frame: string, look: Pick<Look, 'width'>): string {
  const [first = '', ...rest] = indent(head, '', look.width)
  const more = rest.flatMap((line) => indent(line, '  ', look.width))
  return [first, ...more, ...(frame === '' ? [] : windowOf(frame.split('\n'), look.width))].join('\n')
}

/** The last line has the carets; the margin (`> 12 | `) stays in its place. */
function windowOf(lines: readonly string[], width: number): string[] {
  const carets = lines.at(-1) ?? ''
  const margin = carets.indexOf('|') + 2
  const room = Math.max(BEFORE, width - margin)
  if (lines.every((line) => line.length <= width)) return [...lines]
  const caret = Math.max(0, carets.indexOf('^') - margin)
  const from = caret < room - BEFORE ? 0 : caret - BEFORE
  return lines.map((line) => {
    const text = line.slice(margin)
    const part = text.slice(from, from + room)
    const isCarets = line === carets
    const begun = from > 0 && !isCarets && part !== '' ? `…${part.slice(1)}` : part
    const ended = !isCarets && text.length > from + room ? `${begun.slice(0, -1)}…` : begun
    return (line.slice(0, margin) + ended).trimEnd()
  })
}
