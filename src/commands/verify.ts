// orion verify: live checks of everything the site file says.
import { OrionCommand } from '../base/command.ts'
import { planFlags } from '../base/flags.ts'

export default class Verify extends OrionCommand {
  static override summary = 'Check live that the site is as the site file says. Changes nothing.'
  static override description =
    'Exit code 0: every check is green; 3: at least one is not. What could not be checked is not green.'
  static override examples = [{ description: 'Everything', command: '<%= config.bin %> <%= command.id %>' }]
  static override flags = { only: planFlags.only, concurrency: planFlags.concurrency }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Verify)
    const { parts } = await import('../parts/parts.ts')
    return this.inSession(flags, (session) => this.prove(session, parts, flags))
  }
}
