// orion bgp drain and undrain: one peer is asked for its traffic no more, or again, under the router's guard.
import { EXIT } from '../errors.ts'
import type { Change } from '../host/guard.ts'
import type { Host, Seen } from '../host/host.ts'
import type { Difference, Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'
import { say, show } from './talk.ts'

export interface Drain extends SiteFlags {
  readonly peer: string
  readonly on: boolean
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly 'confirm-within'?: number | undefined
  /** What it is to the router (parts/bgp/drain-change.ts). Errors: E_USAGE for an unknown peer. */
  readonly way: (site: Site, peer: string, on: boolean) => DrainWay
}

interface DrainWay {
  readonly router: string
  readonly host: (outside: Outside) => Promise<Host>
  readonly read: (host: Host) => Promise<Seen>
  readonly readAnew: (host: Host) => Promise<Seen>
  readonly differences: (seen: Seen) => readonly Difference[]
  readonly isUp: (seen: Seen) => boolean
  /** What is worth knowing before saying yes. */
  readonly warnings: (seen: Seen) => readonly string[]
  readonly change: (seen: Seen) => Omit<Change, 'confirmWithinSeconds'>
  readonly prove: (before: Seen, after: Seen) => readonly string[]
}

/** BIRD's own patience is a minute, and the proof comes after it. */
const CONFIRM_SECONDS = 180

/**
 * Shows what changes, asks, changes, and says what is next. Errors: E_USAGE, E_CONFIRM, E_LOCKED, and those of the guard, which
 * end with exit code 4. Exit 3 for a dry run with something to do.
 */
export async function drain(talk: Talk, wish: Drain): Promise<Result> {
  const { session } = talk
  const { peer, on } = wish
  const way = wish.way(session.site, peer, on)
  const host = await way.host(session.outside)
  const before = await way.read(host)
  const differences = way.differences(before)
  const warnings = way.warnings(before)
  const document = { router: way.router, peer, draining: on, established: way.isUp(before), differences, warnings }
  if (differences.length === 0) {
    await say(talk, `Nothing to do: ${peer} is ${on ? 'drained already' : 'not drained'}.`)
    return { exit: EXIT.ok, document }
  }
  await showChange(talk, wish, way.router, { differences, warnings })
  if (wish['dry-run']) {
    await say(talk, `Make it so: ${completeHint(`orion bgp ${on ? 'drain' : 'undrain'} ${peer}`, wish)}`)
    return { exit: EXIT.differences, document }
  }
  const question = `${on ? 'Drain' : 'Undrain'} ${peer} on ${way.router}${session.lab ? ' in the lab' : ''}?`
  await agree({ ...talk, question, yes: wish.yes })
  const { lockSite } = await import('../engine/lock.ts')
  const command = `bgp ${on ? 'drain' : 'undrain'} ${peer}`
  const lock = await lockSite(session.dir, { site: session.site.name, command })
  try {
    const { record } = await import('./journal.ts')
    const step = { id: `bgp-peer:${way.router}/${peer}`, verb: 'update', fields: differences.map(({ field }) => field) }
    const work = { command, flags: wish, steps: [step] }
    const notes = await record(talk, work, () => change(talk, wish, way, host))
    const next = nextOf(wish, document.established)
    for (const line of next) await say(talk, line)
    return { exit: EXIT.ok, document: { ...document, notes, next } }
  } finally {
    await lock.release()
  }
}

async function showChange(
  talk: Talk,
  { peer, on }: Drain,
  router: string,
  { differences, warnings }: { readonly differences: readonly Difference[]; readonly warnings: readonly string[] },
): Promise<void> {
  await show(talk, async (look) => {
    const { renderDifferences } = await import('../console/difference-view.ts')
    const { getPaint } = await import('../console/paint.ts')
    const head = on
      ? `${peer} of ${router} is asked to send its traffic another way, and gets none of ours where there is another.`
      : `${peer} of ${router} is used again as the site file says.`
    const { indent } = await import('../console/text.ts')
    const paint = getPaint(look)
    const remarks = warnings.flatMap((text) => indent(text, 'Warning: ', look.width)).map((line) => paint.yellow(line))
    const below = remarks.length === 0 ? [] : ['', ...remarks]
    const heads = indent(head, '', look.width).map((line) => paint.bold(line))
    return [...heads, '', ...renderDifferences(differences, look, false), ...below].join('\n')
  })
}

/** Read anew once the site is ours: somebody may have been first. */
async function change(talk: Talk, wish: Drain, way: DrainWay, host: Host): Promise<readonly string[]> {
  const before = await way.read(host)
  if (way.differences(before).length === 0) return []
  const notes: string[] = []
  const note = (text: string) => {
    notes.push(text)
    void say(talk, `${way.router}: ${text}`)
  }
  const prove = async (fresh: Host) => way.prove(before, await way.readAnew(fresh))
  const confirmWithinSeconds = Math.max(wish['confirm-within'] ?? 0, CONFIRM_SECONDS)
  await host.guard.change({ ...way.change(before), confirmWithinSeconds }, { note, prove })
  return notes
}

function nextOf(wish: Drain, isUp: boolean): readonly string[] {
  const { peer, on } = wish
  const told = isUp ? [] : [`${peer} is not established, so nobody is told before it is.`]
  if (!on) return [`Done: ${peer} is drained no more. To see it: ${completeHint('orion bgp show', wish)}`, ...told]
  return [
    `Done: ${peer} is told that its session goes down soon (RFC 8326).`,
    ...told,
    `Traffic has moved after about 5 minutes. Then do the work, and after it: ${completeHint(`orion bgp undrain ${peer}`, wish)}`,
  ]
}
