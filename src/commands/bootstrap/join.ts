// orion bootstrap join: one node comes into the site, and traffic comes to it by degrees.
import { string } from '@oclif/core/args'
import { option } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmWithin } from '../../base/flags.ts'

export default class BootstrapJoin extends OrionCommand {
  static override summary = 'Take a new node into the site: hardware, network and mesh, services, first state, traffic.'
  static override description =
    `Five steps, of which each looks first, may be interrupted, and may be repeated: the same command goes on where the node is. \
The machine must have what the tier of its cluster wants. Its mesh comes up with weight 0, and takes traffic in degrees \
(25, 50, 75, 100): each of them stands only where no link of the node loses a packet, else the node takes it back by itself.
Exit code 3: a check is not green; 4: the machine is too small, or a change of a host does not stand.`
  static override args = { node: string({ description: 'As the site file calls it.', required: true }) }
  static override examples = [
    { description: 'All that is left to do', command: '<%= config.bin %> <%= command.id %> rey-1' },
    { description: 'Only look at the machine', command: '<%= config.bin %> <%= command.id %> rey-1 --step hardware' },
  ]
  static override flags = {
    step: option({
      options: ['hardware', 'network', 'services', 'state', 'traffic'] as const,
      summary: 'Only this step.',
    })(),
    concurrency: applyFlags.concurrency,
    verbose: applyFlags.verbose,
    'confirm-within': confirmWithin,
    yes: applyFlags.yes,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BootstrapJoin)
    const { openJoin: open } = await import('../../parts/join.ts')
    const { join } = await import('../../base/join.ts')
    return this.inSession(flags, async (session) =>
      this.end(await join({ session, json: this.jsonEnabled() }, { ...flags, joiner: args.node, open })),
    )
  }
}
