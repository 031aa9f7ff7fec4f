// What an unattended installation will do, and what to type for it.
import { getPaint, type Look } from './paint.ts'
import { getWidth, indent, pad } from './text.ts'

export interface AnswerPage {
  readonly rows: readonly (readonly [string, string])[]
  readonly next: readonly { readonly purpose: string; readonly command: string }[]
}

/** Pure. Commands stand in lines of their own, uncut, so that they can be copied. Ends without a line feed. */
export function renderAnswer({ rows, next }: AnswerPage, look: Look): string {
  const column = Math.max(...rows.map(([name]) => getWidth(name)))
  const paint = getPaint(look)
  return [
    ...rows.flatMap(([name, text]) => indent(text, `  ${pad(name, column)}  `, look.width)),
    ...next.flatMap(({ purpose, command }) => [
      '',
      ...indent(`${purpose}:`, '', look.width),
      paint.cyan(`  ${command}`),
    ]),
  ].join('\n')
}
