// orion keeper status: what the Keepers of the nodes see and did.
import { boolean } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { nodes } from '../../base/flags.ts'

export default class KeeperStatus extends OrionCommand {
  static override summary =
    'Show temperatures, what gave way, disks, watchdogs and alarms of the nodes as they are now.'
  static override description =
    `A sensor that says nothing, or what cannot be, raises an alarm, and nothing is shed by it. A guest that gave way comes back \
when the node is cool again.
Exit code 0: every Keeper runs and is calm; 3: an alarm, a disk that fails, a watchdog that nobody feeds, a Keeper that does not \
run, or a node that does not answer. Changes nothing.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'One node, until Ctrl-C', command: '<%= config.bin %> <%= command.id %> --node genesis --watch' },
  ]
  static override flags = {
    node: nodes,
    watch: boolean({ char: 'w', summary: 'Look again every two seconds, until Ctrl-C.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeeperStatus)
    const { openStatus } = await import('../../parts/keeper/status.ts')
    const { showStatus } = await import('../../base/keeper-status.ts')
    return this.inSession(flags, async (session) =>
      this.end(await showStatus({ session, json: this.jsonEnabled() }, { ...flags, open: openStatus })),
    )
  }
}
