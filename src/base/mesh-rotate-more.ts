// The two other things that orion mesh rotate does: a gateway's new identity, and units for the operator's machine.
import { resolve } from 'node:path'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import type { Result, Talk } from './net.ts'
import { program } from './paths.ts'
import { refuseUnknownGateways } from './selection.ts'
import { readSite, type SiteFlags } from './session.ts'
import { say } from './talk.ts'

type Renew = (site: Site, outside: Outside, gateway: string, note: (text: string) => void) => Promise<readonly string[]>

/** Errors: those of parts/mesh/rotate-identity.ts, E_CONFIRM, E_LOCKED. */
export async function renewIdentity(
  talk: Talk,
  { gateway, links, yes }: { readonly gateway: string; readonly links: readonly string[]; readonly yes: boolean },
  renew: Renew,
): Promise<Result> {
  const { session } = talk
  if (links.length > 0) throw new OrionError(`--identity is about ${gateway} alone: name no link`, { code: 'E_USAGE' })
  refuseUnknownGateways(session.site, [gateway])
  if (session.site.mesh?.postQuantum === undefined)
    throw new OrionError(`the mesh of ${session.site.name} has no post-quantum keys, so no identities`, {
      code: 'E_USAGE',
      suggestions: ['set mesh.postQuantum to ml-kem-768, then orion mesh apply'],
    })
  await say(talk, `A new ML-DSA-65 identity for ${gateway}, told to all who have a link with it. Preshared keys stay.`)
  await agree({ ...talk, question: `Make it${session.lab ? ' in the lab' : ''}?`, yes })
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: `mesh rotate --identity ${gateway}` })
  try {
    const { record } = await import('./journal.ts')
    const steps = [{ id: `mesh-identity:${gateway}`, verb: 'update' }]
    const peers = await record(talk, { command: `mesh rotate --identity ${gateway}`, steps }, () =>
      renew(session.site, session.outside, gateway, (text) => void say(talk, `  ${text}`)),
    )
    await say(talk, `Done: ${gateway} has a new identity, and ${peers.join(', ')} know it.`)
    return { exit: EXIT.ok, document: { gateway, peers } }
  } finally {
    await lock.release()
  }
}

interface UnitFlags extends SiteFlags {
  /** Links, or gateways for all of theirs; [] = all. */
  readonly links: readonly string[]
  readonly bypass: boolean
  readonly keypairs: boolean
  readonly 'on-calendar'?: string | undefined
}

type Units = (wish: {
  readonly site: string
  readonly suffix?: string
  readonly calendar: string
  readonly argv: readonly string[]
  readonly later: boolean
}) => { readonly name: string; readonly service: string; readonly timer: string }

/** Whether links are left to a run of their own (those over the bypass). Errors: E_USAGE for links that are none. */
type IsLater = (site: Site, wish: { readonly links: readonly string[]; readonly bypass: boolean }) => boolean

/** Prints both units; nothing is installed, and no host is asked. Errors: E_SITE, E_USAGE. */
export async function printUnits(flags: UnitFlags, json: boolean, units: Units, isLater: IsLater): Promise<Result> {
  if (flags.lab || flags['lab-dir'])
    throw new OrionError('a timer is for a real mesh: --print-unit does not go with the lab', {
      code: 'E_USAGE',
      suggestions: ['leave out --lab and --lab-dir'],
    })
  const site = await readSite(flags)
  const { links, bypass = false, keypairs = false } = flags
  const later = isLater(site, { links, bypass })
  const more = [...(bypass ? ['--bypass'] : []), ...(keypairs ? ['--keypairs'] : [])]
  const argv = [process.execPath, program(), 'mesh', 'rotate', ...links, ...more, '--yes', '--site', resolve(site.file)]
  const suffix = [...links.map((link) => link.replace('~', '-')), ...more.map((flag) => flag.slice(2))].join('-')
  const { name, service, timer } = units({
    site: site.name,
    suffix,
    calendar: flags['on-calendar'] ?? 'weekly',
    argv,
    later,
  })
  if (!json) {
    const { printOut } = await import('../console/output.ts')
    await printOut(`${service}\n${timer}`)
  }
  return { exit: EXIT.ok, document: { name, service, timer } }
}
