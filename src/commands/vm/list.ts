// orion vm list: the guests of the site, and what became of them.
import { OrionCommand } from '../../base/command.ts'

export default class VmList extends OrionCommand {
  static override summary = 'List the guests of the site file and how they are: running, stopped, absent, foreign.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(VmList)
    const { listGuests } = await import('../../parts/guest-list.ts')
    return this.inSession(flags, async ({ site, outside }) => {
      const guests = await listGuests(site, outside)
      await this.showGuests(guests)
      return { site: site.name, guests }
    })
  }
}
