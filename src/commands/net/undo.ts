// orion net undo NODE: puts a guarded change of a node back.
import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmWithin } from '../../base/flags.ts'

const { yes, 'dry-run': dryRun } = applyFlags

export default class NetUndo extends OrionCommand {
  static override summary = 'Put back what a guarded change of a node replaced: the newest one, or the one of --to.'
  static override description =
    `An apply makes one guarded change per set of files (interfaces, sysctl, zram …), and this puts one of them back:
without --to the newest that was confirmed. Others of the same apply stand; the page names them, with what to give to --to.
The host keeps its last ten confirmed changes. Undoing is a guarded change of its own, which can be undone as well.
Exit code 4: it does not stand, and the host is as before.`
  static override args = { node: string({ description: 'Name of the node.', required: true }) }
  static override examples = [
    { description: 'What the host remembers', command: '<%= config.bin %> <%= command.id %> r730 --list' },
    { description: 'The newest change', command: '<%= config.bin %> <%= command.id %> r730' },
    {
      description: 'One of the list',
      command: '<%= config.bin %> <%= command.id %> r730 --to 20260131t140321-3f9c',
    },
  ]
  static override flags = {
    to: text({ summary: 'The change to put back, by its id.', helpValue: 'ID', exclusive: ['list'] }),
    list: boolean({ summary: 'Show what the host remembers and stop.' }),
    'confirm-within': confirmWithin,
    'dry-run': dryRun,
    yes,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(NetUndo)
    const { nodeWayBack } = await import('../../parts/net-undo.ts')
    const { undo } = await import('../../base/undo.ts')
    const wish = { ...flags, command: `net undo ${args.node}` }
    return this.inSession(flags, async (session) => {
      const talk = { session, json: this.jsonEnabled() }
      return this.end(await undo(talk, { ...wish, way: (site) => nodeWayBack(site, args.node) }))
    })
  }
}
