// orion verify: live checks of everything the site file says.
import { boolean } from '@oclif/core/flags'
import { OrionCommand } from '../base/command.ts'
import { junit, nodes, planFlags, settleWithin } from '../base/flags.ts'
import type { SiteFlags } from '../base/session.ts'

export default class Verify extends OrionCommand {
  static override summary = 'Check live that the site is as the site file says. Changes nothing.'
  static override description =
    `By part and node, the worst first; of what is not green: what was expected, what was seen, since when \
(where its source knows that), and what to do. Beside the site file it looks for changes that are stored and not in force, guests \
and mappings with the mark of this site that no line is about, certificates and tokens that end soon, and lost redundancy.
What is not green and may become so by itself (a session, a tunnel, a host that is starting) is looked at again until --timeout.
Exit code 0: every check is green; 3: at least one is not, and what could not be checked is not green; a warning (!) does not count. \
With --watch it ends by Ctrl-C alone, which is 130.`
  static override examples = [
    { description: 'Everything', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One node, all that was seen', command: '<%= config.bin %> <%= command.id %> -n r730 -v' },
    {
      description: 'Until every session stands again, five minutes at most',
      command: "<%= config.bin %> <%= command.id %> --only 'bgp-session:*' --timeout 5m",
    },
    { description: 'In CI', command: '<%= config.bin %> <%= command.id %> --junit verify.xml' },
    { description: 'Until Ctrl-C', command: '<%= config.bin %> <%= command.id %> --watch' },
  ]
  static override flags = {
    only: planFlags.only,
    node: nodes,
    timeout: settleWithin,
    watch: boolean({ char: 'w', summary: 'Look again every five seconds, until Ctrl-C.', exclusive: ['junit'] }),
    junit,
    journal: boolean({
      summary: 'Check the journal instead: its chain of hashes here and on the nodes, and whether both say the same.',
      exclusive: ['only', 'watch', 'junit'],
    }),
    verbose: boolean({ char: 'v', summary: 'Show also each check that is green, with what was seen.' }),
    concurrency: planFlags.concurrency,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Verify)
    if (flags.journal) return this.checkJournal(flags)
    const { parts } = await import('../parts/parts.ts')
    const { withJunit } = await import('../base/junit-file.ts')
    const how = flags.watch ? 'watchProof' : 'prove'
    return withJunit(flags, () => this.inSession(flags, (session) => this[how](session, parts, flags)))
  }

  private async checkJournal(flags: SiteFlags & { readonly node?: readonly string[] | undefined }): Promise<unknown> {
    const { verifyJournal } = await import('../base/journal-verify.ts')
    return this.inSession(flags, async (session) =>
      this.end(await verifyJournal({ session, json: this.jsonEnabled() }, flags.node)),
    )
  }
}
