// orion bootstrap access: makes orion's own access to the API, over SSH alone.
import { boolean } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, fresh, nodes } from '../../base/flags.ts'

const { concurrency, verbose, 'dry-run': dryRun, yes } = applyFlags

export default class BootstrapAccess extends OrionCommand {
  static override summary = 'Make the role, user and token that orion works with, over SSH: no password is asked for.'
  static override description =
    `Reads the API's certificate on the host itself and pins it, gives the role exactly the privileges that this \
site needs, keeps the token's secret in your credentials file (only you can read it), and proves over the API that \
the rights suffice.
SSH as root, or as a user with sudo, is all it needs.`
  static override examples = [
    { description: 'Every cluster of the site', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'For CI: print the token once, keep nothing',
      command: '<%= config.bin %> <%= command.id %> --print-token --yes',
    },
    { description: 'The secret was lost: make it anew', command: '<%= config.bin %> <%= command.id %> --renew' },
  ]
  static override flags = {
    node: nodes,
    'print-token': boolean({
      summary: 'Print the token and the certificates once, and keep nothing; pages go to stderr.',
    }),
    renew: boolean({ summary: "Make the token's secret anew; who holds the old one is locked out." }),
    'dry-run': dryRun,
    yes,
    concurrency,
    verbose,
    fresh,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BootstrapAccess)
    const { makeAccess } = await import('../../base/access.ts')
    const { accessOf } = await import('../../parts/access.ts')
    const work = { flags, json: this.jsonEnabled(), command: 'bootstrap access' }
    return this.inSession(flags, async (session) => this.end(await makeAccess({ session, ...work }, accessOf)))
  }
}
