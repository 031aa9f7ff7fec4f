// orion vm start NAME…: the running state of single guests.
import { string } from '@oclif/core/args'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

const { concurrency, yes, 'dry-run': dryRun, verbose } = applyFlags

export default class VmStart extends OrionCommand {
  static override summary = 'Start guests of the site.'
  static override description = 'Shows what would be started and asks; a guest that runs is left alone.'
  static override strict = false
  static override args = { name: string({ description: 'Name of a guest; several can be given.', required: true }) }
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis',
    '<%= config.bin %> <%= command.id %> k3s-worker-1 k3s-worker-2 --yes',
  ]
  static override flags = { concurrency, yes, 'dry-run': dryRun, verbose }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(VmStart)
    const { powerOf } = await import('../../parts/power.ts')
    const words = [...new Set(argv.map(String))]
    return this.inSession(flags, (session) => this.build(session, [powerOf(words, 'running')], flags, { words }))
  }
}
