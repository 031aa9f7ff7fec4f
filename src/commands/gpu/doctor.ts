// orion gpu doctor: whether a node can pass its devices to guests, step by step, and what to do where it cannot.
import { boolean } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { nodes } from '../../base/flags.ts'

export default class GpuDoctor extends OrionCommand {
  static override summary =
    'Examine how nodes pass devices to guests, step by step, with what to do; and their IOMMU groups.'
  static override description =
    `✔ passes, ✖ fails, ! only you can do it (firmware, another slot), ? not to be told from here. Numbers: steps in the order of the work: \
0 safety, 1 inventory, 2 firmware, 3 loader, 4 command line, 5 IOMMU, 6 group, 7 modules, 8 binding, 9 early images, 10 driver and framebuffer, 11 reset, 12 mapping, 13 guests, 14 Coral, 15 virtual functions, 16 kernels.
Exit code 0: nothing fails; 3: something does; 1: a node could not be looked at. Changes nothing.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'One node, with every IOMMU group',
      command: '<%= config.bin %> <%= command.id %> --node genesis --all',
    },
  ]
  static override flags = { node: nodes, all: boolean({ char: 'a', summary: 'Show every IOMMU group.' }) }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(GpuDoctor)
    const { examine, nodesToExamine } = await import('../../parts/gpu/doctor.ts')
    const { showDoctor } = await import('../../base/gpu-doctor.ts')
    const wish = { ...flags, nodes: nodesToExamine, examine }
    return this.inSession(flags, async (session) =>
      this.end(await showDoctor({ session, json: this.jsonEnabled() }, wish)),
    )
  }
}
