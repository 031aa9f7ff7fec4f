// orion keeper undo NODE: puts a guarded change of the Keeper or of the watchdog back.
import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmWithin } from '../../base/flags.ts'

const { yes, 'dry-run': dryRun } = applyFlags

export default class KeeperUndo extends OrionCommand {
  static override summary =
    'Put back what a guarded change of the Keeper replaced on a node: the newest, or that of --to.'
  static override description =
    `An apply makes one guarded change per set of files (keeper, watchdog), and this puts one of them back: without --to the newest \
that was confirmed. To end the Keeper whatever was changed since, take it out of the site file: keeper apply. \
What the Keeper has shed stays down without it: the page says so.
A watchdog that cannot be stopped (nowayout) is fed until the next restart of the node, so that this resets nothing.
Exit code 4: it does not stand, and the host is as before.`
  static override args = { node: string({ description: 'Name of the node.', required: true }) }
  static override examples = [
    { description: 'What the host remembers', command: '<%= config.bin %> <%= command.id %> genesis --list' },
    { description: 'The newest change', command: '<%= config.bin %> <%= command.id %> genesis' },
    {
      description: 'One of the list',
      command: '<%= config.bin %> <%= command.id %> genesis --to 20260131t140321-3f9c',
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
    const { flags, args } = await this.parse(KeeperUndo)
    const { keeperWayBack } = await import('../../parts/keeper-undo.ts')
    const { undo } = await import('../../base/undo.ts')
    const wish = { ...flags, command: `keeper undo ${args.node}` }
    return this.inSession(flags, async (session) => {
      const talk = { session, json: this.jsonEnabled() }
      return this.end(await undo(talk, { ...wish, way: (site) => keeperWayBack(site, args.node) }))
    })
  }
}
