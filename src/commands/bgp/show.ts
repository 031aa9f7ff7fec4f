// orion bgp show: the BGP sessions of the router as they are now.
import { string } from '@oclif/core/args'
import { OrionCommand } from '../../base/command.ts'

export default class BgpShow extends OrionCommand {
  static override summary = 'Show the BGP sessions of the router as they are now: all of them, or one in full.'
  static override description =
    `Routes are those that a peer sent (received), that our filters refused (filtered), that are used (accepted), and that we \
send to it (exported). RPKI: routes refused as invalid. With PEER: its capabilities, its limits, and why routes were refused.
Exit code 0: every session is established; 3: one is not. Changes nothing.`
  static override args = { peer: string({ description: 'Name of a peer, for one session in full.' }) }
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'One session in full', command: '<%= config.bin %> <%= command.id %> upstream' },
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BgpShow)
    const { readBgp } = await import('../../parts/bgp/show.ts')
    const { showSessions } = await import('../../base/bgp-show.ts')
    return this.inSession(flags, async (session) =>
      this.end(await showSessions({ session, json: this.jsonEnabled() }, args.peer, readBgp)),
    )
  }
}
