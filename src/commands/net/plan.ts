// orion net plan: what net apply would do.
import { OrionCommand } from '../../base/command.ts'
import { nodes, planFlags, planOutFlags } from '../../base/flags.ts'

export default class NetPlan extends OrionCommand {
  static override summary = 'Show what net apply would do on the nodes, and what it would interrupt. Changes nothing.'
  static override description =
    `Exit code 0: all is as wanted; 3: there are differences; 1: the plan could not be made; \
4: the hosts' own facts speak against it (a port is missing, the path to the host would break).`
  static override examples = [
    { description: 'Every node', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One node', command: '<%= config.bin %> <%= command.id %> --node r730' },
    { description: 'Bridges and addresses alone', command: '<%= config.bin %> <%= command.id %> --only interfaces' },
  ]
  static override flags = { node: nodes, ...planFlags, ...planOutFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(NetPlan)
    const { netOf } = await import('../../parts/net.ts')
    return this.inSession(flags, (session) => this.look(session, [netOf({ nodes: flags.node })], flags))
  }
}
