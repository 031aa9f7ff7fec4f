// orion bgp drain PEER: asks traffic away from a session before it goes down.
import { string } from '@oclif/core/args'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmBgp } from '../../base/flags.ts'

const { yes, 'dry-run': dryRun } = applyFlags

export default class BgpDrain extends OrionCommand {
  static override summary = 'Ask traffic away from a session before it goes down (graceful shutdown, RFC 8326).'
  static override description =
    `The peer is told by the community 65535:0 on our prefixes, and its own routes are used last. The session stays up, so
nothing is lost while the traffic moves; wait about 5 minutes before the work. It stays so until undrain, also over an apply.
Exit code 0: it is so; 3: --dry-run has something to do; 4: it does not stand, and the router is as before.`
  static override args = { peer: string({ description: 'Name of the peer.', required: true }) }
  static override examples = ['<%= config.bin %> <%= command.id %> upstream']
  static override flags = { 'confirm-within': confirmBgp, 'dry-run': dryRun, yes }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BgpDrain)
    const { drainChange } = await import('../../parts/bgp/drain-change.ts')
    const { drain } = await import('../../base/bgp-drain.ts')
    return this.inSession(flags, async (session) => {
      const talk = { session, json: this.jsonEnabled() }
      return this.end(await drain(talk, { ...flags, peer: args.peer, on: true, way: drainChange }))
    })
  }
}
