// orion bootstrap show: the site file as a picture.
import { option, string } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'

export default class BootstrapShow extends OrionCommand {
  static override summary =
    'Draw the site: nodes, bridges, guests, tunnels and BGP peers, here or as SVG, a page (HTML) or Mermaid.'
  static override description =
    `The picture is of what the site file wants: no host is asked, and nothing in it is live (that is orion verify).
Networks are lines down from their names; a dot is where a guest or gateway is on one. ◉ is a hub, or the router of BGP sessions.
The HTML page is one file that loads nothing: it finds what you type, and tells all of what you choose.
It holds names and addresses of the site, and no secrets.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'A page to search, for any browser',
      command: '<%= config.bin %> <%= command.id %> --out site.html',
    },
    {
      description: 'For the README of a repository',
      command: '<%= config.bin %> <%= command.id %> --format mermaid --out site.mmd',
    },
  ]
  static override flags = {
    format: option({
      char: 'f',
      options: ['tree', 'svg', 'html', 'mermaid'] as const,
      summary: 'How it is drawn (default: by the name of --out, else tree).',
    })(),
    out: string({
      summary: 'Write it to this file; one that is there must be such a picture.',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BootstrapShow)
    const { drawSite } = await import('../../parts/picture/formats.ts')
    const { showPicture } = await import('../../base/picture.ts')
    return this.end(await showPicture({ ...flags, json: this.jsonEnabled(), draw: drawSite }))
  }
}
