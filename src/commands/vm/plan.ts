// orion vm plan: what vm apply would do.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, planFlags, planOutFlags } from '../../base/flags.ts'

const { restart } = applyFlags

export default class VmPlan extends OrionCommand {
  static override summary = 'Show what vm apply would do. Changes nothing.'
  static override description =
    'Exit code 0: all is as wanted; 3: there are differences; 1: the plan could not be made.'
  static override examples = [
    { description: 'One guest', command: '<%= config.bin %> <%= command.id %> --only router' },
  ]
  static override flags = { ...planFlags, restart, ...planOutFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(VmPlan)
    const { guests } = await import('../../parts/guests.ts')
    return this.inSession(flags, (session) => this.look(session, [guests], flags))
  }
}
