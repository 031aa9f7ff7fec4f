// orion bootstrap answer: installs Proxmox VE on a node without anybody at its console.
import { string as stringArg } from '@oclif/core/args'
import { boolean, integer, string } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'
import type { FlowFlags } from '../../base/flow.ts'

export default class BootstrapAnswer extends OrionCommand {
  static override summary =
    "Write the answer file of Proxmox VE's installer for a node, or answer the installer itself."
  static override description =
    `From nodes.NODE.install of the site file: password as a hash, SSH keys, ports pinned by MAC address, disks. Nothing is \
contacted; the disks are emptied by the installer, on the machine that is started from the image.
With --serve orion answers the installer over HTTPS, only to the machine with these MAC addresses and to who has the token; \
learns the new host keys from it, waits until the node is there, and goes on with access and bootstrap.`
  static override examples = [
    { description: 'The files for an installation image', command: '<%= config.bin %> <%= command.id %> r730' },
    {
      description: 'Answer the installer, then build the site',
      command: '<%= config.bin %> <%= command.id %> r730 --serve',
    },
  ]
  static override args = { node: stringArg({ description: 'Name of the node in the site file.', required: true }) }
  static override flags = {
    ...applyFlags,
    out: string({
      summary: 'Write the answer file here (default: NODE-answer.toml), the script beside it.',
      helpValue: 'FILE',
    }),
    serve: boolean({ summary: 'Answer the installer, and go on with the site when the node is there.' }),
    listen: string({
      summary: 'Where to answer (default: port 8443 of the address on the way to the node).',
      helpValue: 'ADDRESS:PORT',
      dependsOn: ['serve'],
    }),
    wait: integer({ summary: 'Minutes until the installed node answers over SSH.', min: 1, max: 1440, default: 30 }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BootstrapAnswer)
    const work = { node: args.node, flags, json: this.jsonEnabled(), parts: await import('../../parts/answer.ts') }
    const { writeAnswerFiles } = await import('../../base/answer.ts')
    if (!flags.serve) return this.inSession(flags, (session) => writeAnswerFiles({ session, ...work }, flags.out))
    const { serveInstallation } = await import('../../base/answer-serve.ts')
    const wishes = { listen: flags.listen, waitMinutes: flags.wait }
    await this.inSession(flags, (session) => serveInstallation({ session, ...work }, wishes))
    return this.goOn(flags)
  }

  /** As `bootstrap access` and `bootstrap` do it: a session of its own for each, as the one makes the token of the other. */
  private async goOn(flags: FlowFlags): Promise<unknown> {
    const { makeAccess } = await import('../../base/access.ts')
    const { accessOf } = await import('../../parts/access.ts')
    const { parts } = await import('../../parts/parts.ts')
    const words = { flags: { ...flags, only: undefined }, json: this.jsonEnabled(), command: 'bootstrap access' }
    const access = await this.inSession(flags, (session) => makeAccess({ session, ...words }, accessOf))
    if (access.exit !== 0) return this.end(access)
    return this.inSession(flags, (session) => this.build(session, parts, flags, { verify: true, command: 'bootstrap' }))
  }
}
