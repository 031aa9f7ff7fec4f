// orion mesh rotate [LINK…]: new keys for the mesh, link by link.
import { string as word } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

const { concurrency, yes } = applyFlags
const dependsOn = ['print-unit']
const exclusive = ['bypass', 'keypairs', 'print-unit']

export default class MeshRotate extends OrionCommand {
  static override summary = 'Give links of the mesh new keys; what does not stand on both ends goes back on both.'
  static override description =
    `Preshared keys change while sessions go on: each class of links takes up to 2 minutes. With --keypairs sessions begin anew, and \
traffic is asked to go another way meanwhile; a link without another way is named before you are asked. Links over the bypass are \
a run of their own. A run that was killed is ended by the same command.
Exit code 0: all of them have new keys; 4: what failed has its old keys on both ends; 1: anything more.`
  static override strict = false
  static override args = { link: word({ description: 'Link (fra-1~kel-1), or a gateway for all of its links.' }) }
  static override examples = [
    { description: 'All but the links over the bypass', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One link', command: '<%= config.bin %> <%= command.id %> fra-1~kel-1' },
    {
      description: 'By itself, every week',
      command: '<%= config.bin %> <%= command.id %> --print-unit --on-calendar weekly',
    },
  ]
  static override flags = {
    bypass: boolean({ summary: 'The links over the bypass, instead of all others.' }),
    keypairs: boolean({ summary: 'New WireGuard key pairs, instead of preshared keys.' }),
    identity: string({ summary: 'A new ML-DSA-65 identity for this gateway.', helpValue: 'GATEWAY', exclusive }),
    'print-unit': boolean({ summary: "Print a service and a timer for the operator's machine, and stop." }),
    'on-calendar': string({ summary: 'Of the timer (systemd.time); default: weekly.', helpValue: 'TIME', dependsOn }),
    concurrency,
    yes,
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(MeshRotate)
    const wish = { ...flags, links: argv.map(String) }
    const json = this.jsonEnabled()
    const { printUnits, renewIdentity } = await import('../../base/mesh-rotate-more.ts')
    if (flags['print-unit']) {
      const units = await import('../../parts/mesh/rotate-unit.ts')
      return this.end(await printUnits(wish, json, units.rotateUnits, units.leavesBypass))
    }
    const { identity: gateway } = flags
    if (gateway !== undefined) {
      const { rotateIdentity } = await import('../../parts/mesh/rotate-identity.ts')
      const more = { ...wish, gateway }
      return this.inSession(flags, async (session) =>
        this.end(await renewIdentity({ session, json }, more, rotateIdentity)),
      )
    }
    const { openRotation } = await import('../../parts/mesh/rotate.ts')
    const { rotate } = await import('../../base/mesh-rotate.ts')
    return this.inSession(flags, async (session) => this.end(await rotate({ session, json }, wish, openRotation)))
  }
}
