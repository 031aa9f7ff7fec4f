// orion bgp migrate: another daemon at the edge, without the world losing our routes.
import { string } from '@oclif/core/args'
import { option } from '@oclif/core/flags'
import { moveWithin, refuseNonsense, STEPS, watchFlag } from '../../base/bgp-migrate-flags.ts'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags } from '../../base/flags.ts'

export default class BgpMigrate extends OrionCommand {
  static override summary =
    'Let GoBGP speak to the peers instead of BIRD, or BIRD again, without a route lost; or tell how it goes.'
  static override description =
    `check, prepare, shadow, hand-over, watch, clean-up: each step may be interrupted and repeated, and the same command goes on \
where the router is. The hand-over goes by graceful restart (RFC 4724) and stands only when it is confirmed over a new connection \
with every session established again: else the router takes it back by itself while its peers still have our routes.
The watch only reports: nothing goes back by itself once the hand-over is confirmed. BIRD still writes the kernel's routes.
Exit code 4: the router is as before the step.`
  static override args = {
    what: string({ description: 'status: how it goes, and what the watch reports.', options: ['status'] }),
  }
  static override examples = [
    { description: 'To GoBGP', command: '<%= config.bin %> <%= command.id %> --to gobgp' },
    { description: 'How it goes', command: '<%= config.bin %> <%= command.id %> status' },
    { description: 'Back to BIRD', command: '<%= config.bin %> <%= command.id %> --to bird' },
    { description: 'Only compare', command: '<%= config.bin %> <%= command.id %> --to gobgp --step shadow' },
  ]
  static override flags = {
    to: option({ options: ['gobgp', 'bird'] as const, summary: 'Who shall speak to the peers.' })(),
    watch: watchFlag,
    'confirm-within': moveWithin,
    step: option({
      options: STEPS,
      summary: 'Only this step.',
    })(),
    yes: applyFlags.yes,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(BgpMigrate)
    const status = args.what === 'status'
    refuseNonsense({ ...flags, status })
    const { openMigration } = await import('../../parts/bgp/migration.ts')
    const { migrate } = await import('../../base/bgp-migrate.ts')
    const wish = { ...flags, status, watchSeconds: flags.watch, confirmWithinSeconds: flags['confirm-within'] }
    return this.inSession(flags, async (session) =>
      this.end(await migrate({ session, json: this.jsonEnabled() }, wish, openMigration)),
    )
  }
}
