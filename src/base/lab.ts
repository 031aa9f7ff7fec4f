// The rehearsal lab as a command of its own: in the foreground for people, in the background for --lab.
import { labDir } from './paths.ts'
import { readSite, type SiteFlags } from './session.ts'

export interface LabFlags extends SiteFlags {
  readonly pve?: '8' | '9' | undefined
  /** Per cent. */
  readonly pace?: number | undefined
  readonly serve?: boolean
  readonly idle?: number | undefined
}

/** Serves until it is told to end. Errors: E_SITE, E_LAB. */
export async function runLab(flags: LabFlags, _json: boolean): Promise<unknown> {
  const { serveLab } = await import('../lab/serve.ts')
  const dir =
    flags.serve && flags['lab-dir']
      ? flags['lab-dir']
      : labDir((await readSite({ ...flags, lab: true })).name, flags['lab-dir'])
  const lab = await serveLab({ dir, idleSeconds: flags.idle ?? 300, pace: (flags.pace ?? 100) / 100 })
  await lab.closed
  return undefined
}
