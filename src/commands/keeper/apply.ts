// orion keeper apply: the Keeper and the watchdog of the nodes as the site file says.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmWithin, nodes, savedPlanArgs } from '../../base/flags.ts'

const { restart: _, ...flags } = applyFlags

export default class KeeperApply extends OrionCommand {
  static override summary =
    'Install the Keeper on the nodes and let systemd feed their watchdogs, guarded by each host.'
  static override description =
    `Nothing is interrupted, but by what ends because the site file does not name it any more (keeper, or \
keeper.watchdog.device): the plan says so. The change stands only when it is confirmed over a new connection and the Keeper runs: else the \
host itself puts the old files back. What an earlier Keeper has shed is remembered.
Exit code 4: a change does not stand, and the host is as before.`
  static override args = savedPlanArgs
  static override examples = [
    { description: 'Every node', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One node', command: '<%= config.bin %> <%= command.id %> --node genesis' },
    {
      description: 'Exactly what `keeper plan --out site.plan` has shown',
      command: '<%= config.bin %> <%= command.id %> site.plan',
    },
  ]
  static override flags = { node: nodes, 'confirm-within': confirmWithin, ...flags }

  async run(): Promise<unknown> {
    const flags = await this.withSaved(await this.parse(KeeperApply))
    const { keeperOf } = await import('../../parts/keeper.ts')
    const part = keeperOf({ nodes: flags.node, confirmWithinSeconds: flags['confirm-within'], ending: true })
    return this.inSession(flags, (session) => this.build(session, [part], flags))
  }
}
