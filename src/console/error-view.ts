// An error as text for people: what could not be done, and what to try. A stack trace only under DEBUG.
import { OrionError } from '../errors.ts'
import { getLook } from './output.ts'
import { getPaint, type Look } from './paint.ts'
import { indent } from './text.ts'

export interface ErrorLook extends Look {
  /** Ready lines to show before the message: where in the site file, with code frames. */
  readonly findings?: readonly string[]
  /** Makes a command in a suggestion one that can be typed as it stands. */
  readonly complete?: (suggestion: string) => string
  /** Default: DEBUG is set. */
  readonly debug?: boolean
}

/** Pure, but for its defaults (stderr's look, DEBUG). Ends without a line feed. */
export function renderError(error: unknown, look: ErrorLook = getLook(process.stderr)): string {
  const paint = getPaint(look)
  const { findings = [], debug = Boolean(process.env.DEBUG), complete = (text) => text } = look
  const suggestions =
    error instanceof OrionError ? error.suggestions : ['run it again with DEBUG=* and report what it says']
  const text = error instanceof Error ? error.message : String(error)
  const message = error instanceof OrionError ? text : `something unexpected happened: ${text}`
  const code = error instanceof OrionError ? [paint.dim(`  (orion help errors ${error.code})`)] : []
  const [first = '', ...more] = indent(message, 'Error: ', look.width)
  return [
    ...findings.flatMap((finding) => [finding, '']),
    paint.red(paint.bold('Error:')) + first.slice('Error:'.length),
    ...more,
    ...suggestions.flatMap((text) => indent(complete(text), '  Try: ', look.width)).map((line) => paint.cyan(line)),
    ...code,
    ...(debug ? getStacks(error) : []),
  ].join('\n')
}

/** The stack of the error and of each of its causes. */
function getStacks(error: unknown): string[] {
  const stacks: string[] = []
  for (let at = error; at instanceof Error && stacks.length < 8; at = at.cause) stacks.push(at.stack ?? at.message)
  return stacks
}
