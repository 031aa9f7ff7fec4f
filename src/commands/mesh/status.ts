// orion mesh status: the links of the mesh as they are now, and which way everything goes.
import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'

export default class MeshStatus extends OrionCommand {
  static override summary = 'Show the links of the mesh as they are now, and which way each gateway reaches the others.'
  static override description =
    `Of each link: how long ago its last handshake was, where it is sent to, the MTU that really passes (measured, as set where \
it all does), loss and round-trip time of five pings, and the kind and age of its preshared key, which both ends must have alike.
Ways: as the routes go now; yellow where that is not what the site file prefers.
A gateway that does not answer is a line of its own. Exit code 0: every link is fresh, and nothing is wrong (a line with ✖); 3: it is not so. Changes nothing.`
  static override args = {
    gateway: string({ description: 'Name of a gateway, for its links alone and its ways in full.' }),
  }
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'One gateway', command: '<%= config.bin %> <%= command.id %> van-1' },
    { description: 'Until Ctrl-C', command: '<%= config.bin %> <%= command.id %> --watch' },
  ]
  static override flags = { watch: boolean({ char: 'w', summary: 'Look again every two seconds, until Ctrl-C.' }) }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(MeshStatus)
    const { openStatus } = await import('../../parts/mesh/status-page.ts')
    const { showStatus } = await import('../../base/mesh-status.ts')
    const wish = { ...flags, gateway: args.gateway, open: openStatus }
    return this.inSession(flags, async (session) =>
      this.end(await showStatus({ session, json: this.jsonEnabled() }, wish)),
    )
  }
}
