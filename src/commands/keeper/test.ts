// orion keeper test --temperature 85C: what the Keepers would do.
import { custom } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { nodes } from '../../base/flags.ts'
import { toCelsius } from '../../base/keeper-test.ts'

export default class KeeperTest extends OrionCommand {
  static override summary = 'Show what the Keepers would shed at a temperature, and in which order. Changes nothing.'
  static override description =
    `Each node is asked, as it is now: what does not run is passed over. While it stays hot, one step follows the other; below \
keeper.temperature.resume all of it comes back, the last one first.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --temperature 85C',
    { description: 'One node', command: '<%= config.bin %> <%= command.id %> --temperature 85C --node genesis' },
  ]
  static override flags = {
    node: nodes,
    temperature: custom<number>({
      char: 't',
      summary: 'What its hottest sensor would say.',
      helpValue: '85C',
      required: true,
      parse: toCelsius,
    })(),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeeperTest)
    const { openRehearsal } = await import('../../parts/keeper/rehearsal.ts')
    const { testKeepers } = await import('../../base/keeper-test.ts')
    return this.inSession(flags, async (session) =>
      this.end(await testKeepers({ session, json: this.jsonEnabled() }, { ...flags, open: openRehearsal })),
    )
  }
}
