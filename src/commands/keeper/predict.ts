// orion keeper predict [--migrate]: disks that fail, and where the guests of their nodes would go.
import { boolean } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, nodes } from '../../base/flags.ts'

export default class KeeperPredict extends OrionCommand {
  static override summary = 'Show the disks that say of themselves that they fail, and which guests would go where.'
  static override description =
    `A guest goes to another node of its cluster that is online and has the memory, the storages and the bridges for it; not one \
with pinned cores, or with devices or directories of its node. What must not wait goes first; a virtual machine that runs goes \
live, a container ends and starts again.
With --migrate the moves are made, one after the other. A run that was killed is ended by the same command.
Exit code 0: no disk fails, or all guests went; 3: one fails, or guests stay; 1: a move failed, or a node could not be asked.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Move what can go', command: '<%= config.bin %> <%= command.id %> --node n1 --migrate' },
  ]
  static override flags = {
    node: nodes,
    migrate: boolean({ summary: 'Move the guests.' }),
    yes: applyFlags.yes,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeeperPredict)
    const { openPrediction } = await import('../../parts/keeper/predict.ts')
    const { predict } = await import('../../base/keeper-predict.ts')
    return this.inSession(flags, async (session) =>
      this.end(await predict({ session, json: this.jsonEnabled() }, { ...flags, open: openPrediction })),
    )
  }
}
