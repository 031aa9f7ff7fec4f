// orion bootstrap init: the wizard that writes the first site file.
import { boolean, string } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

export default class BootstrapInit extends OrionCommand {
  static override summary = 'Write the site file: questions, answers found on the node itself, and a plan to look at.'
  static override description =
    `Begins from ORION, Hive, a federation, or nothing; connects to the node (its host key is shown, and you are asked) and \
offers what it finds: ports, storages, guests, devices. Every answer is held against the rules of the site file at once.
Enter takes what is offered, - is nothing, Esc goes back. Ctrl-C leaves; the same command goes on there. Nothing is changed on any node.
Secrets are never asked for: the site file says where each is found.`
  static override examples = [
    { description: 'Learn it in the lab, without a host', command: '<%= config.bin %> <%= command.id %> --lab' },
    {
      description: 'Keep the answers too',
      command: '<%= config.bin %> <%= command.id %> --out site.yaml --save-answers answers.yaml',
    },
    {
      description: 'The same without a terminal',
      command: '<%= config.bin %> <%= command.id %> --answers answers.yaml --yes',
    },
  ]
  static override flags = {
    out: string({ summary: 'Write this file (default: --site, else orion.yaml in this folder).', helpValue: 'FILE' }),
    answers: string({ summary: 'Take the answers from this file (YAML or JSON), and ask nothing.', helpValue: 'FILE' }),
    'save-answers': string({ summary: 'Write the answers to this file, for --answers.', helpValue: 'FILE' }),
    fresh: boolean({ summary: 'Begin anew: forget the answers of a run that was left.' }),
    yes: boolean({ char: 'y', summary: 'Replace a file that is there, without a question.' }),
    concurrency: applyFlags.concurrency,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BootstrapInit)
    const { init } = await import('../../base/wizard/init.ts')
    const { preview } = await import('../../base/wizard/preview.ts')
    const { discoverNode: read } = await import('../../parts/discovery.ts')
    const { importSite } = await import('../../parts/import.ts')
    const made = await this.asCaller(flags, (caller) => init({ flags, caller, anew: flags.fresh, read, importSite }))
    const { parts } = await import('../../parts/parts.ts')
    const talk = { flags, json: this.jsonEnabled(), made }
    return this.end(await preview(talk, (site, work) => this.inSession({ ...flags, site, fresh: false }, work), parts))
  }
}
