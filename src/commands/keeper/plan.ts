// orion keeper plan: what keeper apply would do.
import { OrionCommand } from '../../base/command.ts'
import { nodes, planFlags, planOutFlags } from '../../base/flags.ts'

export default class KeeperPlan extends OrionCommand {
  static override summary = 'Show what keeper apply would do on the nodes. Changes nothing.'
  static override description =
    `A watchdog that somebody else feeds (on Proxmox VE mostly watchdog-mux, for HA) stays theirs, and the plan says so. \
What the site file does not name any more (keeper, or keeper.watchdog.device) ends.
Exit code 0: all is as wanted; 3: there are differences; 1: the plan could not be made; 4: a node's own facts speak against it \
(no such watchdog, a timeout that it cannot count to).`
  static override examples = [
    { description: 'Every node', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One node', command: '<%= config.bin %> <%= command.id %> --node genesis' },
    { description: 'The watchdog alone', command: '<%= config.bin %> <%= command.id %> --only watchdog' },
  ]
  static override flags = { node: nodes, ...planFlags, ...planOutFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeeperPlan)
    const { keeperOf } = await import('../../parts/keeper.ts')
    return this.inSession(flags, (session) =>
      this.look(session, [keeperOf({ nodes: flags.node, ending: true })], flags),
    )
  }
}
