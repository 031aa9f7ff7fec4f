// A command that does not exist: said as it was typed, with the nearest one that does.
import type { Hook } from '@oclif/core/hooks'

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const { didYouMean } = await import('../site/nearest.ts')
  const typed = id.replaceAll(':', ' ')
  const known = config.commands.filter(({ hidden }) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const { CLIError } = await import('@oclif/core/errors')
  throw new CLIError(`${config.bin} has no command "${typed}"${didYouMean(typed, known)}\nSee ${config.bin} --help`, {
    exit: 2,
  })
}

export default hook
