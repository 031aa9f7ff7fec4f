// orion mesh drill: a link, the hub or the bypass goes dark for some seconds, and what finds another way is measured.
import type { DrillLines, PairLine } from '../console/mesh-drill-view.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { refuseMute } from './agreement.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'
import { getPlace, say, show } from './talk.ts'

/** The gateways' side of it (parts/mesh/drill-run.ts). */
export interface Drill extends Omit<DrillLines, 'seconds' | 'lab'> {
  readonly name: string
  readonly links: readonly string[]
  problems(): Promise<readonly string[]>
  run(seconds: number, note: (text: string) => void): Promise<readonly PairLine[]>
}

export interface DrillWish extends SiteFlags {
  /** A link, `hub` or `bypass`. */
  readonly target: string
  readonly live: boolean
  readonly seconds: number
  readonly confirm?: string | undefined
  /** Errors: E_USAGE for what is not there. */
  readonly open: (site: Site, outside: Outside, target: string) => Drill
}

/**
 * Shows what would be cut, wants its name typed, cuts, and shows who took how long. Exit 3 where a way that has another one by
 * design did not find it, or is not as before. Errors: E_USAGE without --live or --lab, E_HOST_FACTS (nothing was cut), E_CONFIRM,
 * E_LOCKED, those of hosts.
 */
export async function runDrill(talk: Talk, wish: DrillWish): Promise<Result> {
  const { session } = talk
  const drill = wish.open(session.site, session.outside, wish.target)
  if (!(wish.live || session.lab)) throw refuseReal(wish)
  const lines = { ...drill, seconds: wish.seconds, lab: session.lab }
  await show(talk, async (look) => {
    const { renderDrill } = await import('../console/mesh-drill-view.ts')
    const { getPaint } = await import('../console/paint.ts')
    return `${getPaint(look).dim(getPlace(talk))}\n\n${renderDrill(lines, look)}`
  })
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: `mesh drill ${wish.target}` })
  try {
    await refuseProblems(drill, wish)
    if (!session.lab) await agree(talk, drill, wish.confirm)
    const { record } = await import('./journal.ts')
    const steps = drill.links.map((link) => ({ id: `mesh-link:${link}`, verb: 'update', fields: ['dark for a while'] }))
    const pairs = await record(talk, { command: `mesh drill ${wish.target}`, steps }, () =>
      drill.run(wish.seconds, (text) => void say(talk, text)),
    )
    return await tell(talk, wish, lines, pairs)
  } finally {
    await lock.release()
  }
}

function refuseReal(wish: DrillWish): OrionError {
  const complete = (text: string) => completeHint(text, wish)
  return new OrionError('a drill cuts what carries real traffic, so it wants --live', {
    code: 'E_USAGE',
    suggestions: [
      `rehearse it: ${complete(`orion mesh drill ${wish.target} --lab`)}`,
      `for real: ${complete(`orion mesh drill ${wish.target} --live`)}`,
    ],
  })
}

async function refuseProblems(drill: Drill, wish: DrillWish): Promise<void> {
  const problems = await drill.problems()
  if (problems.length === 0) return
  const text = problems.length === 1 ? ` ${problems[0]}` : problems.map((line) => `\n  ${line}`).join('')
  throw new OrionError(`nothing was cut, as the mesh is not whole:${text}`, {
    code: 'E_HOST_FACTS',
    suggestions: [completeHint('orion mesh status', wish)],
  })
}

async function agree({ json, session }: Talk, { name, what }: Drill, confirm: string | undefined): Promise<void> {
  const { refuseOther, typeName } = await import('../console/ask.ts')
  if (confirm !== undefined) return refuseOther(name, confirm)
  refuseMute({ json, session }, 'nothing was cut', `add --confirm ${name}`)
  await typeName(name, `This cuts ${what}, for real. Type ${name}:`, { signal: session.outside.signal })
}

async function tell(talk: Talk, wish: DrillWish, drill: DrillLines, pairs: readonly PairLine[]): Promise<Result> {
  await show(talk, async (look) => (await import('../console/mesh-drill-view.ts')).renderResults(drill, pairs, look))
  const isGood = pairs.every(({ state, wanted, isBack }) =>
    state === 'lost' ? wanted === undefined && isBack : state !== 'unknown' && isBack,
  )
  if (!isGood) await say(talk, `How it is now: ${completeHint('orion mesh status', wish)}`)
  const { what, at, ports, routing, measured, seconds, lab } = drill
  const document = { site: talk.session.site.name, what, at, ports, routing, measured, seconds, modelled: lab, pairs }
  return { exit: isGood ? EXIT.ok : EXIT.differences, document }
}
