// orion gpu move DEVICE GUEST: a device goes from the guest that has it to another one.
import { string } from '@oclif/core/args'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

const { concurrency, yes, 'dry-run': dryRun, verbose } = applyFlags

export default class GpuMove extends OrionCommand {
  static override summary = 'Give a device to another of its guests: the old one lets go of it first.'
  static override description =
    `The guest that has it is shut down and loses it; the device is reset and asked whether it answers; then the new guest gets it \
and starts. At no moment two guests have it. A run that was interrupted is completed by the same command.
A device that does not come back sane is taken off the bus and looked for once; if that does not help, the guest goes without \
it, or stays stopped until the node was restarted (devices.*.fallback), and the exit code is 1.`
  static override args = {
    device: string({ description: 'Name of a device of the site file.', required: true }),
    guest: string({ description: 'The guest that shall have it: its guest or one of its standby.', required: true }),
  }
  static override examples = [
    '<%= config.bin %> <%= command.id %> rtx-3090 district',
    {
      description: 'Only show what would happen',
      command: '<%= config.bin %> <%= command.id %> rtx-3090 brain --dry-run',
    },
  ]
  static override flags = { concurrency, yes, 'dry-run': dryRun, verbose }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(GpuMove)
    const { moveOf } = await import('../../parts/gpu/move.ts')
    const words = [args.device, args.guest]
    return this.inSession(flags, (session) => this.build(session, [moveOf(args.device, args.guest)], flags, { words }))
  }
}
