// orion bootstrap: the whole site, all parts in order, then verify.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, fresh } from '../../base/flags.ts'

export default class Bootstrap extends OrionCommand {
  static override summary = 'Build the whole site: plan, confirm, apply every part in order, verify.'
  static override description =
    `Looks at what exists, shows the difference, asks, makes it so step by step, and proves the result.
It is safe to run again at any time: what is as wanted is left alone.
Exit code 4: a change of a host does not stand, and the host is as before.`
  static override examples = [
    {
      description: 'Rehearse the embedded ORION site in the lab',
      command: '<%= config.bin %> <%= command.id %> --lab',
    },
    { description: 'Build the site of the nearest orion.yaml', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In CI: no questions, one JSON document',
      command: '<%= config.bin %> <%= command.id %> --yes --json',
    },
  ]
  static override flags = { ...applyFlags, fresh }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Bootstrap)
    const { parts } = await import('../../parts/parts.ts')
    return this.inSession(flags, (session) => this.build(session, parts, flags, { verify: true }))
  }
}
