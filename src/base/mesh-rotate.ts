// orion mesh rotate: asks, takes the site's lock, and changes the keys of one class of links after the other.
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import { afterText, beforeText } from './mesh-rotate-text.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'
import { getPlace, say } from './talk.ts'

export interface RotateWish extends SiteFlags {
  /** Links, or gateways for all of theirs; [] = all. */
  readonly links: readonly string[]
  readonly bypass: boolean
  readonly keypairs: boolean
  readonly yes: boolean
}

/** As parts/mesh/rotate.ts has it. */
export interface RotateLink {
  readonly id: string
  readonly class: 'direct' | 'hub' | 'bypass'
  readonly hasOtherWay: boolean
}

interface Rotation {
  readonly classes: readonly (readonly RotateLink[])[]
  /** Links that need a run of their own. */
  readonly later: readonly string[]
  rotate(id: string, note: (text: string) => void): Promise<'rotated' | 'finished'>
}

type Open = (
  site: Site,
  outside: Outside,
  request: { readonly links: readonly string[]; readonly bypass: boolean; readonly kind: 'psk' | 'pair' },
) => Rotation

export interface RotateReport {
  readonly id: string
  readonly class: RotateLink['class']
  readonly state: 'rotated' | 'finished' | 'failed' | 'not tried'
  readonly error?: { readonly code: string; readonly message: string; readonly suggestions: readonly string[] }
}

/**
 * Exit 0 where all links have new keys; else 4 where every key that failed was put back on both ends, and 1 for anything more. Errors: E_USAGE, E_CONFIRM, E_LOCKED,
 * E_INTERRUPTED with what is open watched over by the hosts.
 */
export async function rotate(talk: Talk, wish: RotateWish, open: Open): Promise<Result> {
  const { session } = talk
  // A flag that nobody gave is undefined, whatever oclif calls its type.
  const { links, bypass = false, keypairs = false, yes } = wish
  const kind = keypairs ? 'pair' : 'psk'
  const rotation = open(session.site, session.outside, { links, bypass, kind })
  await say(talk, getPlace(talk))
  for (const line of beforeText(kind, rotation.classes)) await say(talk, line)
  await agree({ ...talk, question: `Change them${session.lab ? ' in the lab' : ''}?`, yes })
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: 'mesh rotate' })
  try {
    const { record } = await import('./journal.ts')
    const work = {
      command: ['mesh rotate', ...links].join(' '),
      flags: { keypairs, bypass },
      steps: toSteps(rotation, kind),
    }
    const reports = await record(
      talk,
      work,
      () => run(talk, rotation, wish.concurrency),
      (all) => ({ exit: exitOf(all), steps: all.map((one) => toEnded(one, kind)) }),
    )
    const next = afterText(kind, reports, rotation.later, { links, bypass }).map((line) => completeHint(line, wish))
    for (const line of next) await say(talk, line)
    return { exit: exitOf(reports), document: { site: session.site.name, kind, links: reports, next: next.slice(1) } }
  } finally {
    await lock.release()
  }
}

const toSteps = ({ classes }: Rotation, kind: 'psk' | 'pair') =>
  classes.flat().map(({ id }) => ({ id: `mesh-${kind}:${id}`, verb: 'update' }))

function toEnded({ id, state, error }: RotateReport, kind: 'psk' | 'pair') {
  const outcome = state === 'failed' ? 'failed' : state === 'not tried' ? 'blocked' : 'done'
  return { id: `mesh-${kind}:${id}`, verb: 'update', outcome, ms: 0, ...(error ? { code: error.code } : {}) } as const
}

/** A class begins only where all of the one before it stands. */
async function run(talk: Talk, { classes, rotate: one }: Rotation, concurrency = 8): Promise<readonly RotateReport[]> {
  const { makeLimit } = await import('../engine/limit.ts')
  const limit = makeLimit({ concurrency, signal: talk.session.outside.signal })
  const note = (text: string) => void say(talk, `  ${text}`)
  const reports: RotateReport[] = []
  for (const links of classes) {
    if (reports.some(({ state }) => state === 'failed')) {
      reports.push(...links.map(({ id, class: name }) => ({ id, class: name, state: 'not tried' as const })))
      continue
    }
    const work = links.map((link) => limit.run(undefined, () => report(link, () => one(link.id, note), note)))
    reports.push(...(await Promise.all(work)))
  }
  return reports
}

async function report(
  { id, class: name }: RotateLink,
  work: () => Promise<'rotated' | 'finished'>,
  note: (text: string) => void,
): Promise<RotateReport> {
  try {
    const state = await work()
    note(`${id}: ${state === 'rotated' ? 'done' : 'done, an earlier run had begun it'}`)
    return { id, class: name, state }
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    note(`${id}: not done`)
    return { id, class: name, state: 'failed', error: pick(error) }
  }
}

function pick({ code, message, suggestions }: OrionError): NonNullable<RotateReport['error']> {
  return { code, message, suggestions }
}

function exitOf(reports: readonly RotateReport[]): number {
  const errors = reports.flatMap(({ error }) => error?.code ?? [])
  if (errors.length === 0) return EXIT.ok
  return errors.every((code) => BACK.has(code)) ? EXIT.rolledBack : EXIT.failed
}

/** The host is as it was. */
const BACK: ReadonlySet<string> = new Set(['E_ROLLED_BACK', 'E_HOST_FACTS', 'E_GUARD_REFUSED', 'E_HOST_BUSY'])
