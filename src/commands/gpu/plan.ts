// orion gpu plan: what gpu apply would do.
import { OrionCommand } from '../../base/command.ts'
import { gpuPlanFlags, toGpuOptions } from '../../base/gpu-flags.ts'

export default class GpuPlan extends OrionCommand {
  static override summary =
    'Show what gpu apply would do on the nodes, in the cluster and on the guests. Changes nothing.'
  static override description =
    `What is in the files and not in force before a restart is named, as is what a restart interrupts.
Exit code 0: all is as wanted; 3: there are differences; 1: the plan could not be made; 4: the node's own facts speak against it \
(a group with a device that the host needs, a loader that is not clear, a node that came back badly from its last restart).`
  static override examples = [
    { description: 'Every node with devices', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'With the restart', command: '<%= config.bin %> <%= command.id %> --node genesis --reboot now' },
  ]
  static override flags = gpuPlanFlags

  async run(): Promise<unknown> {
    const { flags } = await this.parse(GpuPlan)
    const { gpuOf } = await import('../../parts/gpu.ts')
    return this.inSession(flags, (session) => this.look(session, [gpuOf(toGpuOptions(flags))], flags))
  }
}
