// orion vm apply: images, virtual machines and containers, as the site file says.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, savedPlanArgs } from '../../base/flags.ts'

export default class VmApply extends OrionCommand {
  static override summary = 'Create and change guests (and fetch their images) as the site file says.'
  static override description =
    `Disks grow and never shrink, nothing is re-created, and no guest is restarted without --restart: a change \
that only a restart activates is reported as waiting.`
  static override args = savedPlanArgs
  static override examples = [
    { description: 'All guests', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'The workers, restarting them where a change needs it',
      command: "<%= config.bin %> <%= command.id %> --only 'k3s-worker-*' --restart",
    },
    {
      description: 'Exactly what `vm plan --out site.plan` has shown',
      command: '<%= config.bin %> <%= command.id %> site.plan',
    },
  ]
  static override flags = applyFlags

  async run(): Promise<unknown> {
    const flags = await this.withSaved(await this.parse(VmApply))
    const { guests } = await import('../../parts/guests.ts')
    return this.inSession(flags, (session) => this.build(session, [guests], flags))
  }
}
