// orion net show: the interfaces of the nodes as they are now.
import { OrionCommand } from '../../base/command.ts'
import { nodes } from '../../base/flags.ts'

export default class NetShow extends OrionCommand {
  static override summary = 'Show bridges, bonds, VLANs and ports of the nodes as they are now, beside the site file.'
  static override description =
    '= as wanted, ~ differs, + wanted and not there, ? not in the site file. Changes nothing.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node r730 --json',
  ]
  static override flags = { node: nodes }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(NetShow)
    const { listInterfaces } = await import('../../parts/net-list.ts')
    const { showInterfaces } = await import('../../base/net.ts')
    return this.inSession(flags, async (session) =>
      this.end(await showInterfaces({ session, json: this.jsonEnabled() }, flags.node, listInterfaces)),
    )
  }
}
