// orion mesh apply: the gateways, their tunnels, keys and routes as the site file says.
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmMesh, gateways, savedPlanArgs } from '../../base/flags.ts'

const { restart: _, ...flags } = applyFlags

export default class MeshApply extends OrionCommand {
  static override summary =
    'Make the mesh as the site file says: keys, tunnels, firewall and routes, guarded by each gateway.'
  static override description =
    `Each gateway makes its own keys, and no private key leaves it. The hub changes after the others. Where it changes, the bypass \
waits for the next run, so that one way through the mesh is always as it was.
Every change stands only when it is confirmed over a new connection and the links that answered before answer again: else the \
gateway itself puts the old files back, also after a restart or when orion is gone.
Exit code 4: a change does not stand, and that gateway is as before.`
  static override args = savedPlanArgs
  static override examples = [
    { description: 'Every gateway', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Without one that is down: its links stay as they are on the others',
      command: '<%= config.bin %> <%= command.id %> --gateway van-1 --gateway kel-1',
    },
    {
      description: 'Exactly what `mesh plan --out site.plan` has shown',
      command: '<%= config.bin %> <%= command.id %> site.plan',
    },
  ]
  static override flags = { gateway: gateways, 'confirm-within': confirmMesh, ...flags }

  async run(): Promise<unknown> {
    const flags = await this.withSaved(await this.parse(MeshApply))
    const { meshOf } = await import('../../parts/mesh.ts')
    const part = meshOf({ gateways: flags.gateway, alone: true, confirmWithinSeconds: flags['confirm-within'] })
    return this.inSession(flags, (session) => this.build(session, [part], flags))
  }
}
