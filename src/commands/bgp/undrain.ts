// orion bgp undrain PEER: takes back what drain asked for.
import { string } from '@oclif/core/args'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmBgp } from '../../base/flags.ts'

const { yes, 'dry-run': dryRun } = applyFlags

export default class BgpUndrain extends OrionCommand {
  static override summary = 'Use a drained session again as the site file says.'
  static override description =
    `The community 65535:0 goes from our prefixes, and the routes of the peer are preferred as before. The session stays up.
Exit code 0: it is so; 3: --dry-run has something to do; 4: it does not stand, and the router is as before.`
  static override args = { peer: string({ description: 'Name of the peer.', required: true }) }
  static override examples = ['<%= config.bin %> <%= command.id %> upstream']
  static override flags = { 'confirm-within': confirmBgp, 'dry-run': dryRun, yes }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BgpUndrain)
    const { drainChange } = await import('../../parts/bgp/drain-change.ts')
    const { drain } = await import('../../base/bgp-drain.ts')
    return this.inSession(flags, async (session) => {
      const talk = { session, json: this.jsonEnabled() }
      return this.end(await drain(talk, { ...flags, peer: args.peer, on: false, way: drainChange }))
    })
  }
}
