// orion mesh plan: what mesh apply would do.
import { OrionCommand } from '../../base/command.ts'
import { gateways, planFlags, planOutFlags } from '../../base/flags.ts'

export default class MeshPlan extends OrionCommand {
  static override summary =
    'Show what mesh apply would do on the gateways, and what it would interrupt. Changes nothing.'
  static override description = `Reads public keys, and whether a key is there; never a private or a preshared key.
Exit code 0: all is as wanted; 3: there are differences; 1: the plan could not be made (a gateway does not answer: plan without \
it with --gateway); 4: a host's own facts speak against it (a UDP port is taken, a clock is minutes off, OpenSSL is too old).`
  static override examples = [
    { description: 'Every gateway', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Without one that is down: its links stay as they are on the others',
      command: '<%= config.bin %> <%= command.id %> --gateway van-1 --gateway kel-1',
    },
    { description: 'Routing alone', command: '<%= config.bin %> <%= command.id %> --only mesh-bird' },
  ]
  static override flags = { gateway: gateways, ...planFlags, ...planOutFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(MeshPlan)
    const { meshOf } = await import('../../parts/mesh.ts')
    return this.inSession(flags, (session) =>
      this.look(session, [meshOf({ gateways: flags.gateway, alone: true })], flags),
    )
  }
}
