// orion vm rollback NAME: one guest as it was before orion changed it.
import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

const { concurrency, 'dry-run': dryRun, verbose, yes } = applyFlags

export default class VmRollback extends OrionCommand {
  static override summary = 'Take one guest back to a snapshot that orion made before it changed the guest.'
  static override description =
    `Disks and options become what they were; what was written since then is lost. A running guest is stopped hard, and started again.
Only snapshots that orion made for this site are used. On ZFS newer ones of them go, too: the plan says which.
The site file stays as it is: the next apply makes the change again, unless it is taken back there.`
  static override args = { name: string({ description: 'Name of the guest.', required: true }) }
  static override examples = [
    { description: 'To the newest one', command: '<%= config.bin %> <%= command.id %> web' },
    { description: 'What there is to go back to', command: '<%= config.bin %> <%= command.id %> web --list' },
    {
      description: 'To a certain one',
      command: '<%= config.bin %> <%= command.id %> web --snapshot orion-20260314-022600',
    },
  ]
  static override flags = {
    snapshot: text({ summary: 'Name of the snapshot (default: the newest of orion’s).', helpValue: 'NAME' }),
    list: boolean({ summary: 'List the snapshots of the guest and stop.', exclusive: ['snapshot', 'dry-run', 'yes'] }),
    concurrency,
    yes,
    'dry-run': dryRun,
    verbose,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(VmRollback)
    const { listSnapshots, rollbackOf } = await import('../../parts/rollback.ts')
    const { rollback, showSnapshots } = await import('../../base/vm-rollback.ts')
    return this.inSession(flags, async (session) => {
      if (!flags.list) {
        const work = this.getWork(session, [rollbackOf(args.name, flags.snapshot)], flags, [args.name])
        return this.end(await rollback(work, args.name))
      }
      const snapshots = await listSnapshots(session.site, args.name, session.outside)
      await showSnapshots({ json: this.jsonEnabled() }, args.name, snapshots)
      return { site: session.site.name, guest: args.name, snapshots }
    })
  }
}
