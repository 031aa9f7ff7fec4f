// orion gpu undo: takes away what gpu apply added.
import { OrionCommand } from '../../base/command.ts'
import { gpuApplyFlags, toGpuOptions } from '../../base/gpu-flags.ts'

export default class GpuUndo extends OrionCommand {
  static override summary =
    'Take away exactly what gpu apply added: devices of guests, mappings, files, words of the kernel.'
  static override description =
    `What somebody else wrote stays, also in /etc/kernel/cmdline: only the words that orion put there go. The devices are the host's \
again after a restart of the node, which is asked for with --reboot.
Devices that left the site file since go, too; --only mappings takes those alone.
Exit code 4: a change does not stand, and the node is as before.`
  static override examples = [
    { description: 'See first', command: '<%= config.bin %> <%= command.id %> --node genesis --dry-run' },
    {
      description: 'Only what left the site file',
      command: '<%= config.bin %> <%= command.id %> --node genesis --only mappings',
    },
    { description: 'All of it', command: '<%= config.bin %> <%= command.id %> --node genesis --reboot now' },
  ]
  static override flags = gpuApplyFlags

  async run(): Promise<unknown> {
    const { flags } = await this.parse(GpuUndo)
    const { gpuOf } = await import('../../parts/gpu.ts')
    const part = gpuOf({ ...toGpuOptions(flags), absent: true })
    return this.inSession(flags, (session) => this.build(session, [part], flags))
  }
}
