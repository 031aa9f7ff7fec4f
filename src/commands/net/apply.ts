// orion net apply: bridges, addresses and the other settings of the nodes themselves, as the site file says.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmWithin, nodes, savedPlanArgs } from '../../base/flags.ts'

const { restart: _, ...flags } = applyFlags

export default class NetApply extends OrionCommand {
  static override summary =
    'Make the network and the settings of the nodes as the site file says, guarded by each host.'
  static override description =
    `Every change is checked on the host before anything is touched, and stands only when it is confirmed over \
a new connection: else the host itself puts the old files back, also after a restart or when orion is gone.
Exit code 4: a change does not stand, and the host is as before.`
  static override args = savedPlanArgs
  static override examples = [
    { description: 'Every node', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'One node, with more time until it puts itself back',
      command: '<%= config.bin %> <%= command.id %> --node r730 --confirm-within 2m',
    },
    {
      description: 'Exactly what `net plan --out site.plan` has shown',
      command: '<%= config.bin %> <%= command.id %> site.plan',
    },
  ]
  static override flags = { node: nodes, 'confirm-within': confirmWithin, ...flags }

  async run(): Promise<unknown> {
    const flags = await this.withSaved(await this.parse(NetApply))
    const { netOf } = await import('../../parts/net.ts')
    return this.inSession(flags, (session) =>
      this.build(session, [netOf({ nodes: flags.node, confirmWithinSeconds: flags['confirm-within'] })], flags),
    )
  }
}
