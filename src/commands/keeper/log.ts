// orion keeper log: what the Keepers did and why.
import { boolean, custom, integer } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { nodes } from '../../base/flags.ts'
import { toSince } from '../../base/keeper-log.ts'

export default class KeeperLog extends OrionCommand {
  static override summary = 'Show what the Keepers did and why, from the journals of the nodes. Changes nothing.'
  static override description = 'Each line: when, on which node, what was done to which guest, and by which reading.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'The last two hours of one node',
      command: '<%= config.bin %> <%= command.id %> -n genesis --since 2h',
    },
    { description: 'Until Ctrl-C', command: '<%= config.bin %> <%= command.id %> --follow' },
  ]
  static override flags = {
    node: nodes,
    since: custom<number>({ summary: 'Not older than this.', helpValue: 'TIME', parse: toSince })(),
    lines: integer({ summary: 'So many of the newest.', min: 1, max: 10_000, default: 50 }),
    follow: boolean({ char: 'f', summary: 'Go on with what comes, until Ctrl-C.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeeperLog)
    const { openLog } = await import('../../parts/keeper/log.ts')
    const { showLog } = await import('../../base/keeper-log.ts')
    return this.inSession(flags, async (session) =>
      this.end(await showLog({ session, json: this.jsonEnabled() }, { ...flags, open: openLog })),
    )
  }
}
