// orion gpu apply: devices of nodes to their guests, as the site file says.
import { OrionCommand } from '../../base/command.ts'
import { savedPlanArgs } from '../../base/flags.ts'
import { gpuApplyFlags, toGpuOptions } from '../../base/gpu-flags.ts'

export default class GpuApply extends OrionCommand {
  static override summary = 'Give devices to guests as the site file says: files of the node, restart, mapping, guest.'
  static override description =
    `The files are orion's own (and words of /etc/kernel/cmdline, which are remembered); early images and loader are made anew under \
the node's guard. They are in force after a restart of the node, which is asked for with --reboot, and armed: a node that comes \
back without its bridges, or that orion cannot get to again, puts the old files back by itself and restarts once more.
Run it again after whatever broke off: it goes on from what is there.
Exit code 4: a change does not stand, and the node is as before.`
  static override args = savedPlanArgs
  static override examples = [
    { description: 'Files now, the restart later', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'All of it', command: '<%= config.bin %> <%= command.id %> --node genesis --reboot now' },
    {
      description: "In the node's rebootWindow, by itself",
      command: '<%= config.bin %> <%= command.id %> --reboot window',
    },
    {
      description: 'Exactly what `gpu plan --out site.plan` has shown',
      command: '<%= config.bin %> <%= command.id %> site.plan',
    },
  ]
  static override flags = gpuApplyFlags

  async run(): Promise<unknown> {
    const flags = await this.withSaved(await this.parse(GpuApply))
    const { gpuOf } = await import('../../parts/gpu.ts')
    return this.inSession(flags, (session) => this.build(session, [gpuOf(toGpuOptions(flags))], flags))
  }
}
