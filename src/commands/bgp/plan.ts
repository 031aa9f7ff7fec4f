// orion bgp plan: what bgp apply would do.
import { OrionCommand } from '../../base/command.ts'
import { acceptIrr, planFlags, planOutFlags } from '../../base/flags.ts'

export default class BgpPlan extends OrionCommand {
  static override summary = 'Show what bgp apply would do on the routers, and what it would interrupt. Changes nothing.'
  static override description = `Says of every BGP session whether it resets, reloads its filters, begins or ends.
Exit code 0: all is as wanted; 3: there are differences; 1: the plan could not be made (a router that is down, a secret that \
cannot be read); 4: the router's own facts speak against it (an AS-SET without prefixes, a BIRD that is too old).`
  static override examples = [
    { description: 'Every router', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'BIRD alone', command: '<%= config.bin %> <%= command.id %> --only bird' },
  ]
  static override flags = { 'accept-irr': acceptIrr, ...planFlags, ...planOutFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BgpPlan)
    const { bgpOf } = await import('../../parts/bgp.ts')
    const part = bgpOf({ alone: true, acceptIrr: flags['accept-irr'] })
    return this.inSession(flags, (session) => this.look(session, [part], flags))
  }
}
