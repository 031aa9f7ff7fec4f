// orion bgp hygiene: which rules of a well-kept border router are on, which are not, and why.
import { OrionCommand } from '../../base/command.ts'

export default class BgpHygiene extends OrionCommand {
  static override summary =
    'Show which rules of a well-kept border router are on, which are off or not possible, and why.'
  static override description =
    `Each rule with the standard that asks for it, for the router and for each peer. Most are always on; those that the peer must \
agree to (a password, BFD, GTSM …) are off until the site file names them. \`not live\`: the site file has it on, and the router does not keep it yet.
Exit code 0: the router keeps every rule that is on; 3: it does not (yet). Changes nothing.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BgpHygiene)
    const { readHygiene } = await import('../../parts/bgp/hygiene-report.ts')
    const { showHygiene } = await import('../../base/bgp-hygiene.ts')
    return this.inSession(flags, async (session) =>
      this.end(await showHygiene({ session, json: this.jsonEnabled() }, readHygiene)),
    )
  }
}
