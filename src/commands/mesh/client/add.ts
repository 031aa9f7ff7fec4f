// orion mesh client add: a person's device may dial in.
import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { OrionCommand } from '../../../base/command.ts'
import { applyFlags, confirmWithin } from '../../../base/flags.ts'

export default class MeshClientAdd extends OrionCommand {
  static override summary = 'Let a device of the site file into the mesh, and print its configuration once.'
  static override description =
    `The device keeps its private key, and orion is told the public one; or, with --new-key, the key is made here, printed once \
with a QR code for the WireGuard app, and kept nowhere. Whoever is to come in must stand in the site file under mesh, clients.
With --json the configuration is in the document, unless --out names a file for it.
Exit code 4: the gateway is as before, and nobody was let in.`
  static override args = { name: stringArg({ description: 'As the site file calls the device.', required: true }) }
  static override examples = [
    {
      description: 'A phone, which scans the code',
      command: '<%= config.bin %> <%= command.id %> phone --new-key',
    },
    {
      description: 'A laptop, which made its own key: wg genkey | tee laptop.key | wg pubkey > laptop.pub',
      command: '<%= config.bin %> <%= command.id %> laptop --public-key "$(cat laptop.pub)"',
    },
    {
      description: 'Into a file that only you can read',
      command: '<%= config.bin %> <%= command.id %> phone --new-key --out phone.conf',
    },
  ]
  static override flags = {
    'public-key': string({
      summary: 'The key of the device, as wg pubkey prints it.',
      helpValue: 'K',
      exactlyOne: ['public-key', 'new-key'],
    }),
    'new-key': boolean({ summary: 'Make the private key here, with a preshared key; printed once, kept nowhere.' }),
    psk: boolean({ summary: 'A preshared key beside the key of the device, too.', dependsOn: ['public-key'] }),
    out: string({ summary: 'Write the configuration into this new file (0600) instead.', helpValue: 'FILE' }),
    'confirm-within': confirmWithin,
    yes: applyFlags.yes,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(MeshClientAdd)
    const { clientWay: way } = await import('../../../parts/mesh/client.ts')
    const { makeClientKeys: makeKeys } = await import('../../../parts/mesh/client-key.ts')
    const { addClient } = await import('../../../base/mesh-client.ts')
    return this.inSession(flags, async (session) =>
      this.end(await addClient({ session, json: this.jsonEnabled() }, { ...flags, ...args, way, makeKeys })),
    )
  }
}
