// orion vm list: the guests of the site, and what became of them.
import { OrionCommand } from '../../base/command.ts'
import { planFlags } from '../../base/flags.ts'

export default class VmList extends OrionCommand {
  static override summary = 'List the guests of the site file and how they are: running, stopped, absent, foreign.'
  static override description =
    "Guests that carry this site's mark and are not in the site file are listed, too: as orphans."
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  static override flags = { only: planFlags.only }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(VmList)
    const { listGuests } = await import('../../parts/guest-list.ts')
    return this.inSession(flags, async ({ site, outside }) => {
      const guests = await listGuests(site, outside, this.getFilter(flags.only))
      await this.showGuests(guests)
      return { site: site.name, guests }
    })
  }
}
