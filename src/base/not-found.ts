// A command that does not exist: said as it was typed, with the nearest one that does.

import type { Interfaces } from '@oclif/core'
import type { Hook } from '@oclif/core/hooks'
import { EXIT, OrionError } from '../errors.ts'

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const error = await toUnknown(id.split(':'), config)
  const { code, message, suggestions } = error
  const isAsked = (flag: string) => process.argv.includes(flag)
  const { getLook, printError, printJson } = await import('../console/output.ts')
  if (isAsked('--events')) {
    const { writeEvent } = await import('../console/progress-events.ts')
    await writeEvent({ event: 'error', code, message, suggestions })
    await writeEvent({ event: 'run-ended', exit: EXIT.usage })
  }
  if (isAsked('--json')) await printJson({ error: { code, message, suggestions, exit: EXIT.usage } })
  if (!isAsked('--events') && !isAsked('--json')) {
    const { renderError } = await import('../console/error-view.ts')
    await printError(renderError(error, getLook(process.stderr)))
  }
  process.exit(EXIT.usage)
}

/** A command with a word too many, or none at all. */
async function toUnknown(words: readonly string[], config: Interfaces.Config): Promise<OrionError> {
  const { bin } = config
  const nearer = words
    .map((_, at) => words.slice(0, words.length - at))
    .find((some) => config.findCommand(some.join(':')))
  const isTopic = nearer && config.commandIDs.some((other) => other.startsWith(`${nearer.join(':')}:`))
  if (nearer && !isTopic) {
    const command = `${bin} ${nearer.join(' ')}`
    const message = `${command} takes no argument ${words.slice(nearer.length).join(' ')}`
    return new OrionError(message, { code: 'E_USAGE', suggestions: [`${command} --help`] })
  }
  const { didYouMean } = await import('../site/nearest.ts')
  const typed = words.join(' ')
  const known = config.commands.filter(({ hidden }) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const message = `${bin} has no command "${typed}"${didYouMean(typed, known)}`
  return new OrionError(message, { code: 'E_USAGE', suggestions: [`${bin} --help`] })
}

export default hook
