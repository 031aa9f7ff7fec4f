// A text's change as coloured, indented lines: what goes red, what comes green, what stays dim.
import { getPaint, type Look } from './paint.ts'
import { clean, getWidth, wrap } from './text.ts'

const COLOURS = { '+': 'green', '-': 'red', '@': 'cyan' } as const

/** Unified diff lines; long ones go on under themselves, so that nothing of what will be written is cut off. Pure. */
export function renderDiff(lines: readonly string[], margin: string, look: Look): string[] {
  const paint = getPaint(look)
  return lines.flatMap((line) => {
    const colour = COLOURS[line[0] as keyof typeof COLOURS] ?? 'dim'
    return place(line, look.width - getWidth(margin)).map((piece) => (margin + paint[colour](piece)).trimEnd())
  })
}

/** The sign stays in its column, and so does the indentation of the text. */
function place(line: string, room: number): string[] {
  const text = clean(line.slice(1).replaceAll('\t', '    '))
  const bare = text.trimStart()
  const blank = text.slice(0, Math.min(text.length - bare.length, 12))
  const sign = clean(line.slice(0, 1))
  const pieces = wrap(bare.trimEnd(), room - 1 - blank.length)
  return pieces.map((piece, at) => ((at === 0 ? sign : ' ') + blank + piece).trimEnd())
}
