// orion help: the help of a command, or what an error code means.
import { OrionCommand } from '../base/command.ts'

export default class Help extends OrionCommand {
  static override summary = 'Show the help of a command, or what an error code means.'
  static override description =
    `"help errors" lists every error code with the exit code that it ends with; with a code it says what that means, \
what usually causes it, and what to do.`
  static override examples = [
    { description: 'A command', command: '<%= config.bin %> <%= command.id %> net apply' },
    { description: 'All error codes', command: '<%= config.bin %> <%= command.id %> errors' },
    { description: 'One of them', command: '<%= config.bin %> <%= command.id %> errors E_HOST_KEY' },
  ]
  static override usage = ['help [COMMAND...]', 'help errors [CODE]']
  static override strict = false

  async run(): Promise<unknown> {
    const { argv } = await this.parse(Help)
    const [topic, code, ...more] = argv.map(String)
    const help = await import('../base/help.ts')
    if (topic === 'errors' && more.length === 0) return help.showErrors(code, { json: this.jsonEnabled() })
    return help.showHelp(argv.map(String), this.config)
  }
}
