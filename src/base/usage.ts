// A wrong command line: what the command framework says of it, in the words and the shape of every other error.
import { stripVTControlCharacters } from 'node:util'
import { EXIT, OrionError } from '../errors.ts'
import { didYouMean } from '../site/nearest.ts'

/** The command that was typed, and the flags that it has. */
interface Typed {
  readonly command: string
  readonly flags: readonly string[]
}

/** What the framework's errors have beside a message. */
interface Spoken {
  readonly code?: unknown
  readonly oclif?: { readonly exit?: number }
  readonly flags?: unknown
  readonly args?: unknown
}

/** What a person did wrong, as E_USAGE; undefined for an error that is not about the command line. */
export function toUsageError(error: Error, typed: Typed): OrionError | undefined {
  const { code, oclif } = error as Spoken
  const isOurs = error instanceof OrionError
  if (isOurs ? !PARSED.test(error.message) : oclif?.exit !== EXIT.usage || code === 'EEXIT') return undefined
  const suggestions = isOurs && error.suggestions.length > 0 ? error.suggestions : [`orion ${typed.command} --help`]
  return new OrionError(getMessage(error, typed), { code: isOurs ? error.code : 'E_USAGE', suggestions, cause: error })
}

/** Before what a flag's own parser says. */
const PARSED = /^Parsing (--[\w-]+)\s+/

function getMessage(error: Error, { command, flags }: Typed): string {
  const { flags: unknown, args } = error as Spoken
  if (Array.isArray(unknown)) {
    const known = flags.map((name) => `--${name}`)
    const names = unknown.map((flag) => String(flag).replace(/=.*/s, ''))
    return `orion ${command} has ${names.map((flag) => `no flag ${flag}${didYouMean(flag, known)}`).join(', and ')}`
  }
  const text = stripVTControlCharacters(error.message).replace(/\s*\nSee more help with --help$/, '')
  if (Array.isArray(args) && args.length > 0) return `orion ${command} ${toArguments(args, text)}`
  const [, flag = ''] = PARSED.exec(text) ?? []
  const [, several] = /^The following errors? occurred:\s*(.*)$/s.exec(text) ?? []
  if (several === undefined) return toPlain(text.replace(PARSED, ''), flag, command)
  const lines = several.split(/\s*\n\s*/).map((line) => toPlain(line, flag, command))
  // Two flags that exclude each other are named from both sides.
  const byWords = new Map(lines.toReversed().map((line) => [line.split(' ').toSorted().join(' '), line]))
  return [...byWords.values()].toReversed().join('; ')
}

function toArguments(args: readonly unknown[], text: string): string {
  if (!text.startsWith('Missing')) return `takes no argument ${args.join(', ')}`
  const wanted = (args as readonly { readonly name: string; readonly description?: string }[]).map(
    ({ name, description }) => `${name.toUpperCase()}${description === undefined ? '' : `: ${description}`}`,
  )
  return `wants ${wanted.join(' and ')}`
}

/** The framework's sentences, in plain words; `$flag` and `$command` are of the run. */
const SENTENCES: readonly (readonly [said: RegExp, plain: string])[] = [
  [/^Expected an integer but received: (.*)$/s, '$flag wants a whole number, and not $1'],
  [/^Expected an integer greater than or equal to (\S+) but received: (.*)$/s, '$flag wants $1 at least, and not $2'],
  [/^Expected an integer less than or equal to (\S+) but received: (.*)$/s, '$flag wants $1 at most, and not $2'],
  [/^Expected (--[\w-]+)=(.*) to be one of: (.*)$/s, '$1 wants one of $3, and not $2'],
  [/^Expected (.*) to be one of: (.*)$/s, 'orion $command wants one of $2, and not $1'],
  [/^Flag (--[\w-]+) expects a value$/, '$1 wants a value'],
  [/^Flag (--[\w-]+) expects one of these values: (.*)$/, '$1 wants one of $2'],
  [/^Flag (--[\w-]+) can only be specified once$/, '$1 can be given only once'],
  [/^(--[\w-]+)(?:=.*)? cannot also be provided when using (--[\w-]+)$/s, '$1 does not go together with $2'],
  [/^Missing required flag ([\w-]+)$/, 'orion $command wants --$1'],
  [/^All of the following must be provided when using (--[\w-]+): (.*)$/, '$1 wants $2, too'],
]

function toPlain(line: string, flag: string, command: string): string {
  for (const [said, plain] of SENTENCES)
    if (said.test(line))
      return line.replace(
        said,
        plain.replace('$flag', () => flag).replace('$command', () => command),
      )
  return line
}
