// orion bgp apply: the routers as the site file says.
import { OrionCommand } from '../../base/command.ts'
import { acceptIrr, applyFlags, confirmTopic, savedPlanArgs } from '../../base/flags.ts'

const { restart: _, ...flags } = applyFlags

export default class BgpApply extends OrionCommand {
  static override summary =
    'Make the routers as the site file says: firewall, DHCP, DNS and BGP, guarded by each router.'
  static override description =
    `Every change is checked on the router before anything is touched, and stands only when it is confirmed over \
a new connection with the sessions that stood before: else the router itself puts the old files back, also after a restart or \
when orion is gone.
Exit code 4: a change does not stand, and the router is as before.`
  static override args = savedPlanArgs
  static override examples = [
    { description: 'Every router', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'The firewall alone', command: '<%= config.bin %> <%= command.id %> --only firewall' },
    {
      description: 'The prefixes of an AS-SET changed a lot, and that is right',
      command: '<%= config.bin %> <%= command.id %> --accept-irr',
    },
    {
      description: 'Exactly what `bgp plan --out site.plan` has shown',
      command: '<%= config.bin %> <%= command.id %> site.plan',
    },
  ]
  static override flags = { 'accept-irr': acceptIrr, 'confirm-within': confirmTopic, ...flags }

  async run(): Promise<unknown> {
    const flags = await this.withSaved(await this.parse(BgpApply))
    const { bgpOf } = await import('../../parts/bgp.ts')
    const confirmWithinSeconds = flags['confirm-within']
    const part = bgpOf({ alone: true, acceptIrr: flags['accept-irr'], confirmWithinSeconds })
    return this.inSession(flags, (session) => this.build(session, [part], flags))
  }
}
