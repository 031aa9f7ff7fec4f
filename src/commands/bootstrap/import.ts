// orion bootstrap import: writes the site file of a host that exists.
import { string as argument } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

export default class BootstrapImport extends OrionCommand {
  static override summary = 'Write the site file of a host that exists. Changes nothing on it.'
  static override description =
    `Reads the node and its whole cluster over SSH (as root, or with sudo; no token is needed), writes networks, storages, \
guests and their devices into a site file, and proves by a plan that orion would change nothing of it. Guests that were \
there before orion are adopted: only what the file says of them is looked after, they get no mark, and orion never \
removes them. What a site file has no words for stays as it is, and stands there as a comment.
Exit code 3: a plan of the file would still change something.`
  static override args = {
    node: argument({
      description: 'An address, a name of ~/.ssh/config, or a node of the site file.',
      required: true,
    }),
  }
  static override examples = [
    { description: 'A host at its address', command: '<%= config.bin %> <%= command.id %> 192.168.1.10' },
    {
      description: 'A name of ~/.ssh/config, into another file',
      command: '<%= config.bin %> <%= command.id %> pve1 --name home --out home.yaml',
    },
    { description: 'Rehearse it', command: '<%= config.bin %> <%= command.id %> r730 --lab --out found.yaml' },
  ]
  static override flags = {
    name: string({
      summary: 'Name of the site (default: the name of the cluster, or of the node).',
      helpValue: 'SITE',
    }),
    out: string({ summary: 'Write this file (default: orion.yaml in this folder).', helpValue: 'FILE' }),
    user: string({ char: 'u', summary: 'SSH user (default: as ~/.ssh/config says).', helpValue: 'USER' }),
    yes: applyFlags.yes,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BootstrapImport)
    const { importNode } = await import('../../base/import.ts')
    const { discoverNode: read } = await import('../../parts/discovery.ts')
    const { importSite } = await import('../../parts/import.ts')
    const { withoutMistakes } = await import('../../parts/import-check.ts')
    const { importedParts: parts, settle } = await import('../../parts/import-settle.ts')
    const importer = { read, importSite, withoutMistakes, settle, parts }
    return this.asCaller(flags, async (caller) =>
      this.end(await importNode({ node: args.node, flags, caller, importer })),
    )
  }
}
