// orion bootstrap apply: the whole site, as a saved plan says, or as bootstrap does.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, fresh, savedPlanArgs } from '../../base/flags.ts'

export default class BootstrapApply extends OrionCommand {
  static override summary = 'Carry out a plan that `bootstrap plan --out FILE` has saved, then verify.'
  static override description =
    `The plan is made again and held against the saved one: where anything else would be done now than was shown then, where the \
site file is another text, or the saved plan was edited, nothing is changed and exit code 1 says so. Its flags (--only, --restart) \
are the plan's. Without FILE this is orion bootstrap.
Exit code 4: a change of a host does not stand, and the host is as before.`
  static override args = savedPlanArgs
  static override examples = [
    {
      description: 'Look, then do exactly that',
      command: '<%= config.bin %> bootstrap plan --out site.plan && <%= config.bin %> <%= command.id %> site.plan',
    },
    { description: 'In CI', command: '<%= config.bin %> <%= command.id %> site.plan --yes --events' },
  ]
  static override flags = { ...applyFlags, fresh }

  async run(): Promise<unknown> {
    const flags = await this.withSaved(await this.parse(BootstrapApply))
    const { parts } = await import('../../parts/parts.ts')
    return this.inSession(flags, (session) => this.build(session, parts, flags, { verify: true }))
  }
}
