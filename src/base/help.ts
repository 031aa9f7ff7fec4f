// What `orion help …` shows: the help of a command or a topic, or the pages of the error codes.
import type { Interfaces } from '@oclif/core'
import { CODES, type Code, OrionError } from '../errors.ts'
import { ERROR_PAGES, type ErrorPage } from './error-pages.ts'

/** One error code with all that is known about it. */
export interface ErrorEntry extends ErrorPage {
  readonly code: Code
  readonly exit: number
}

/** All of them, in the order of errors.ts. */
export const errorEntries = (): ErrorEntry[] =>
  (Object.keys(CODES) as Code[]).map((code) => ({ code, exit: CODES[code], ...ERROR_PAGES[code] }))

/**
 * The page of one code, or of all where none is named; any case, with or without `E_`. Returns the document of --json.
 * Errors: E_USAGE for a code that there is not, with the nearest one.
 */
export async function showErrors(
  word: string | undefined,
  { json }: { readonly json: boolean },
): Promise<{ errors: readonly ErrorEntry[] }> {
  const all = errorEntries()
  const errors = word === undefined ? all : [await findEntry(word, all)]
  if (json) return { errors }
  const { getLook, printOut } = await import('../console/output.ts')
  const { renderErrorList, renderErrorPage } = await import('../console/error-page.ts')
  const { completeHint } = await import('./next.ts')
  const [first] = errors
  const page =
    word !== undefined && first
      ? renderErrorPage(first, getLook(), (hint) => completeHint(hint, {}))
      : `${renderErrorList(errors, getLook())}\n\n${completeHint('One of them in full: orion help errors E_HOST_KEY', {})}`
  await printOut(page)
  return { errors }
}

async function findEntry(word: string, all: readonly ErrorEntry[]): Promise<ErrorEntry> {
  const code = word
    .toUpperCase()
    .replaceAll('-', '_')
    .replace(/^(?!E_)/, 'E_')
  const found = all.find((entry) => entry.code === code)
  if (found) return found
  const { didYouMean } = await import('../site/nearest.ts')
  const near = didYouMean(
    code,
    all.map((entry) => entry.code),
  )
  throw new OrionError(`there is no error code ${word}${near}`, {
    code: 'E_USAGE',
    suggestions: ['orion help errors lists them all'],
  })
}

/** The help of a command or topic, as `--help` shows it. Errors: E_USAGE for one that there is not. */
export async function showHelp(words: readonly string[], config: Interfaces.Config): Promise<void> {
  const id = words.join(':')
  const isKnown = words.length === 0 || config.findCommand(id) || config.findTopic(id)
  if (!isKnown) {
    const { didYouMean } = await import('../site/nearest.ts')
    const typed = words.join(' ')
    const names = [...config.commandIDs, ...config.topics.map(({ name }) => name)]
    const known = ['errors', ...names.map((name) => name.replaceAll(':', ' '))]
    throw new OrionError(`${config.bin} has no command "${typed}"${didYouMean(typed, known)}`, {
      code: 'E_USAGE',
      suggestions: [`${config.bin} --help`],
    })
  }
  const { loadHelpClass } = await import('@oclif/core/help')
  const Help = await loadHelpClass(config)
  await new Help(config, config.pjson.oclif.helpOptions ?? config.pjson.helpOptions).showHelp([...words])
}
