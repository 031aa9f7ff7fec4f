// orion mesh undo: puts a guarded change of the mesh on one host back.
import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { OrionCommand } from '../../base/command.ts'
import { applyFlags, confirmMesh } from '../../base/flags.ts'

const { yes, 'dry-run': dryRun } = applyFlags

export default class MeshUndo extends OrionCommand {
  static override summary =
    'Put back what a guarded change of the mesh replaced on a host: the newest one, or the one of --to.'
  static override description =
    `An apply makes one guarded change per set of files (mesh, mesh-bird …), and this puts one of them back; others of the same \
apply stand, and the page names them. Keys stay as they are: they are not among these files.
The host keeps its last ten confirmed changes. Undoing is a guarded change of its own, which can be undone as well.
Exit code 4: it does not stand, and the host is as before.`
  static override args = {
    gateway: string({ description: 'Name of the gateway, or of a node beside one.', required: true }),
  }
  static override examples = [
    { description: 'What the gateway remembers', command: '<%= config.bin %> <%= command.id %> van-1 --list' },
    { description: 'The newest change of the mesh', command: '<%= config.bin %> <%= command.id %> van-1' },
    { description: 'One of the list', command: '<%= config.bin %> <%= command.id %> van-1 --to 20260131t140321-3f9c' },
  ]
  static override flags = {
    to: text({ summary: 'The change to put back, by its id.', helpValue: 'ID', exclusive: ['list'] }),
    list: boolean({ summary: 'Show what the host remembers and stop.' }),
    'confirm-within': confirmMesh,
    'dry-run': dryRun,
    yes,
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(MeshUndo)
    const { meshWayBack } = await import('../../parts/mesh-undo.ts')
    const { undo } = await import('../../base/undo.ts')
    const command = `mesh undo ${args.gateway}`
    return this.inSession(flags, async (session) => {
      const talk = { session, json: this.jsonEnabled() }
      return this.end(await undo(talk, { ...flags, command, way: (site) => meshWayBack(site, args.gateway) }))
    })
  }
}
