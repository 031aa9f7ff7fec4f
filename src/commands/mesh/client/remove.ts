// orion mesh client remove: a person's device may dial in no more.
import { string } from '@oclif/core/args'
import { OrionCommand } from '../../../base/command.ts'
import { applyFlags, confirmWithin } from '../../../base/flags.ts'

export default class MeshClientRemove extends OrionCommand {
  static override summary = 'Take a device out of the mesh: its key opens nothing any more.'
  static override description = `Its line in the site file stays, so that it may be added again with another key.
Exit code 4: the gateway is as before.`
  static override args = { name: string({ description: 'As the site file calls the device.', required: true }) }
  static override examples = ['<%= config.bin %> <%= command.id %> phone']
  static override flags = { 'confirm-within': confirmWithin, yes: applyFlags.yes }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(MeshClientRemove)
    const { clientWay: way } = await import('../../../parts/mesh/client.ts')
    const { removeClient } = await import('../../../base/mesh-client.ts')
    return this.inSession(flags, async (session) =>
      this.end(await removeClient({ session, json: this.jsonEnabled() }, { ...flags, ...args, way })),
    )
  }
}
