// orion vm destroy NAME: takes one guest of the site away, with its disks.
import { string } from '@oclif/core/args'
import { string as text } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

const { concurrency, 'dry-run': dryRun } = applyFlags

export default class VmDestroy extends OrionCommand {
  static override summary = 'Destroy one guest and its disks. Its name must be typed.'
  static override description =
    `Only a guest that carries orion's mark and this site's name is touched. A protected guest is refused.
While the site file still names the guest, the next vm apply creates it anew, empty.`
  static override args = { name: string({ description: 'Name of the guest.', required: true }) }
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis',
    '<%= config.bin %> <%= command.id %> redis --confirm redis',
  ]
  static override flags = {
    concurrency,
    'dry-run': dryRun,
    confirm: text({ summary: 'The name once more, instead of typing it.', helpValue: 'NAME' }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(VmDestroy)
    const { oneGuest } = await import('../../parts/vm.ts')
    return this.inSession(flags, (session) => this.destroy(session, [oneGuest(args.name)], flags, args.name))
  }
}
