// A command that does not exist: said as it was typed, with the nearest one that does.
import type { Hook } from '@oclif/core/hooks'
import { EXIT } from '../errors.ts'

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const { didYouMean } = await import('../site/nearest.ts')
  const typed = id.replaceAll(':', ' ')
  const known = config.commands.filter(({ hidden }) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const message = `${config.bin} has no command "${typed}"${didYouMean(typed, known)}`
  const error = { code: 'E_USAGE', message, suggestions: [`${config.bin} --help`] } as const
  const isAsked = (flag: string) => process.argv.includes(flag)
  if (isAsked('--events')) {
    const { writeEvent } = await import('../console/progress-events.ts')
    await writeEvent({ event: 'error', ...error })
    await writeEvent({ event: 'run-ended', exit: EXIT.usage })
  }
  if (isAsked('--json')) {
    const { printJson } = await import('../console/output.ts')
    await printJson({ error: { ...error, exit: EXIT.usage } })
  }
  if (isAsked('--events') || isAsked('--json')) process.exit(EXIT.usage)
  const { CLIError } = await import('@oclif/core/errors')
  throw new CLIError(`${message}\nSee ${config.bin} --help`, { exit: EXIT.usage })
}

export default hook
