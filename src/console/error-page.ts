// The pages of `orion help errors`: all codes at a glance, or one of them in full.
import { getPaint, type Look } from './paint.ts'
import { indent } from './text.ts'

/** As base/error-pages.ts has it, with the exit code that it ends with. */
export interface ErrorEntry {
  readonly code: string
  readonly exit: number
  readonly meaning: string
  readonly causes: readonly string[]
  readonly remedies: readonly string[]
}

/** What an exit code says, for the heads of the list. */
const EXITS: Readonly<Record<number, string>> = {
  1: 'something could not be done',
  2: 'bad usage, or a bad site file',
  3: 'differences found',
  4: 'a change of a host does not stand: it is as before',
  130: 'interrupted',
}

/** Pure. By exit code, in the order of the table. Ends without a line feed. */
export function renderErrorList(entries: readonly ErrorEntry[], look: Look): string {
  const paint = getPaint(look)
  const exits = [...new Set(entries.map(({ exit }) => exit))].sort((a, b) => a - b)
  const column = Math.max(...entries.map(({ code }) => code.length))
  return exits
    .map((exit) => {
      const head = `${paint.bold(`Exit code ${exit}`)}${EXITS[exit] ? `: ${EXITS[exit]}` : ''}`
      const rows = entries.filter((entry) => entry.exit === exit)
      return [head, ...rows.flatMap((entry) => renderRow(entry, column, look))].join('\n')
    })
    .join('\n\n')
}

function renderRow({ code, meaning }: ErrorEntry, column: number, look: Look): string[] {
  const [first = '', ...more] = indent(meaning, `  ${code.padEnd(column)}  `, look.width)
  return [`  ${getPaint(look).cyan(code)}${first.slice(code.length + 2)}`, ...more]
}

/** Pure. `complete` makes a command of a remedy one that can be typed. Ends without a line feed. */
export function renderErrorPage(entry: ErrorEntry, look: Look, complete = (text: string) => text): string {
  const paint = getPaint(look)
  const list = (texts: readonly string[]) => texts.flatMap((text) => indent(text, '  - ', look.width))
  return [
    `${paint.bold(entry.code)}${paint.dim(`  exit code ${entry.exit}`)}`,
    '',
    ...indent(entry.meaning, '', look.width),
    '',
    paint.bold(entry.causes.length > 1 ? 'Usual causes' : 'Usual cause'),
    ...list(entry.causes),
    '',
    paint.bold('What to do'),
    ...list(entry.remedies.map(complete)),
  ].join('\n')
}
