// orion lab: keeps the rehearsal lab running in the foreground, for other clients to use.
import { boolean, integer, option } from '@oclif/core/flags'
import { OrionCommand } from '../base/command.ts'

export default class Lab extends OrionCommand {
  static override summary = 'Run the rehearsal lab: a simulated Proxmox VE API and its hosts on loopback, until Ctrl-C.'
  static override description =
    `Prints the address, the certificate's fingerprint and an API token, which any client of Proxmox VE can use, and how
to look inside each host with ssh: it runs the commands that orion itself uses there, such as cat, pvesh, qm and orion-guard list.
Its state is kept between runs. Other commands use it with --lab.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --pve 8 --fresh',
  ]
  static override flags = {
    fresh: boolean({ summary: 'Begin with an empty lab.' }),
    pve: option({ summary: 'Version of Proxmox VE that it simulates.', options: ['8', '9'] as const })(),
    pace: integer({
      summary: 'How long tasks take, in per cent of a quick real node; 0 = no time at all.',
      min: 0,
      max: 1000,
    }),
    serve: boolean({ summary: 'Serve the lab of --lab-dir and say nothing; used by --lab.', hidden: true }),
    idle: integer({ summary: 'End after so many seconds without a request.', min: 1, hidden: true }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Lab)
    const { runLab } = await import('../base/lab.ts')
    return runLab(flags, this.jsonEnabled())
  }
}
