// orion bgp undo: puts a guarded change of a router back.
import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmTopic } from '../../base/flags.ts'

const { yes, 'dry-run': dryRun } = applyFlags

export default class BgpUndo extends OrionCommand {
  static override summary = 'Put back what a guarded change of a router replaced: the newest one, or the one of --to.'
  static override description =
    `An apply makes one guarded change per set of files (bird, firewall, services …), and this puts one of them back:
without --to the newest that was confirmed. Others of the same apply stand; the page names them, with what to give to --to.
The router keeps its last ten confirmed changes. Undoing is a guarded change of its own, which can be undone as well.
Exit code 4: it does not stand, and the router is as before.`
  static override args = {
    router: string({ description: 'Name of the router; default: the one that speaks BGP, or the only one.' }),
  }
  static override examples = [
    { description: 'What the router remembers', command: '<%= config.bin %> <%= command.id %> --list' },
    { description: 'The newest change', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One of the list', command: '<%= config.bin %> <%= command.id %> --to 20260131t140321-3f9c' },
  ]
  static override flags = {
    to: text({ summary: 'The change to put back, by its id.', helpValue: 'ID', exclusive: ['list'] }),
    list: boolean({ summary: 'Show what the router remembers and stop.' }),
    'confirm-within': confirmTopic,
    'dry-run': dryRun,
    yes,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BgpUndo)
    const { routerWayBack } = await import('../../parts/bgp-undo.ts')
    const { undo } = await import('../../base/undo.ts')
    const command = ['bgp undo', ...(args.router === undefined ? [] : [args.router])].join(' ')
    return this.inSession(flags, async (session) => {
      const talk = { session, json: this.jsonEnabled() }
      return this.end(await undo(talk, { ...flags, command, way: (site) => routerWayBack(site, args.router) }))
    })
  }
}
