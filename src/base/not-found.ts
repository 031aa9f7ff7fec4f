// A command that does not exist: said as it was typed, with the nearest one that does.
import type { Hook } from '@oclif/core/hooks'
import { EXIT } from '../errors.ts'

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const { didYouMean } = await import('../site/nearest.ts')
  const typed = id.replaceAll(':', ' ')
  const known = config.commands.filter(({ hidden }) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const message = `${config.bin} has no command "${typed}"${didYouMean(typed, known)}`
  if (process.argv.includes('--json')) {
    const { printJson } = await import('../console/output.ts')
    await printJson({ error: { code: 'E_USAGE', message, exit: EXIT.usage, suggestions: [`${config.bin} --help`] } })
    process.exit(EXIT.usage)
  }
  const { CLIError } = await import('@oclif/core/errors')
  throw new CLIError(`${message}\nSee ${config.bin} --help`, { exit: EXIT.usage })
}

export default hook
