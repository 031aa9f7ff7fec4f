// orion mesh drill: what happens to every way when a link, the hub or the bypass is gone, tried and measured.
import { string } from '@oclif/core/args'
import { boolean, integer, string as text } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'

export default class MeshDrill extends OrionCommand {
  static override summary = 'Cut a link, the hub or the bypass for some seconds, and measure how long routes take.'
  static override description =
    `With --lab the lab's links are cut, and its times are modelled. In production only with --live: the name is typed, the UDP \
ports of what is cut are dropped on one host, and that host itself lets them through again at the end, whatever becomes of orion. \
Every gateway that used it pings the others 20 times a second and says how long it heard nothing, and which way it found.
Exit code 0: whoever has another way by design found it, and all is as before; 3: not so; 4: nothing was cut.`
  static override args = {
    target: string({ description: 'A link as status names it, or hub, or bypass.', required: true }),
  }
  static override examples = [
    { description: 'Rehearsed', command: '<%= config.bin %> <%= command.id %> hub --lab' },
    { description: 'For real', command: '<%= config.bin %> <%= command.id %> fra-1~kel-1 --live' },
  ]
  static override flags = {
    live: boolean({ summary: 'Cut what carries real traffic.' }),
    seconds: integer({ summary: 'How long it is cut.', helpValue: 'SECONDS', min: 5, max: 60, default: 15 }),
    confirm: text({
      summary: 'The name that would be typed: the gateway that is cut, or the link.',
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(MeshDrill)
    const { openDrill } = await import('../../parts/mesh/drill-run.ts')
    const { runDrill } = await import('../../base/mesh-drill.ts')
    const wish = { ...flags, target: args.target, open: openDrill }
    return this.inSession(flags, async (session) =>
      this.end(await runDrill({ session, json: this.jsonEnabled() }, wish)),
    )
  }
}
