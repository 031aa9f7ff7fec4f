// orion bootstrap log: what orion changed, when, by whom, and how it ended.
import { string as text } from '@oclif/core/args'
import { integer, string } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'

export default class BootstrapLog extends OrionCommand {
  static override summary = 'Show what orion changed: when, who, which command, and how it ended. Changes nothing.'
  static override description =
    `Every command that changes something writes a line before its first step and one after its last, into a journal on this \
machine and on the nodes that it was about. Each line carries a hash of itself and of the line before: orion verify --journal checks them.
Values are not in it, only the names of what changed; and nothing is ever deleted from it.`
  static override args = { run: text({ description: 'The number of one run, to see its steps.' }) }
  static override examples = [
    { description: 'The newest runs', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One of them, step by step', command: '<%= config.bin %> <%= command.id %> 12' },
    { description: 'What anybody did to one node', command: '<%= config.bin %> <%= command.id %> --node r730' },
  ]
  static override flags = {
    limit: integer({ summary: 'So many of the newest.', min: 1, max: 100_000, default: 20 }),
    node: string({
      char: 'n',
      summary: 'The journal of this node: the runs of everybody that were about it.',
      helpValue: 'NODE',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BootstrapLog)
    const { showLog } = await import('../../base/journal-log.ts')
    return this.inSession(flags, async (session) =>
      this.end(await showLog({ session, json: this.jsonEnabled() }, { ...flags, run: args.run })),
    )
  }
}
