// orion bootstrap plan: what bootstrap would do.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, fresh, planFlags, planOutFlags } from '../../base/flags.ts'

const { restart } = applyFlags

export default class BootstrapPlan extends OrionCommand {
  static override summary = 'Show what bootstrap would do. Changes nothing.'
  static override description =
    `Exit code 0: all is as wanted; 3: there are differences; 1: the plan could not be made; \
4: the hosts' own facts speak against it (a port is missing, the path to the host would break).`
  static override examples = [
    { description: 'The whole site', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'For a pull request, and kept for the apply that follows',
      command: '<%= config.bin %> <%= command.id %> --markdown --out site.plan > plan.md',
    },
    { description: 'Some guests and what they need', command: "<%= config.bin %> <%= command.id %> --only 'k3s-*'" },
  ]
  static override flags = { ...planFlags, restart, ...planOutFlags, fresh }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BootstrapPlan)
    const { parts } = await import('../../parts/parts.ts')
    return this.inSession(flags, (session) => this.look(session, parts, flags))
  }
}
