// After the site file is written: the plan that it makes, as `bootstrap plan` shows it, and what to type next.
import { EXIT, OrionError } from '../../errors.ts'
import type { Part } from '../../resource.ts'
import type { FlowFlags, Outcome, Work } from '../flow.ts'
import { completeHint, toCommand } from '../next.ts'
import type { Session } from '../session.ts'
import { say } from '../talk.ts'
import type { InitFlags, Initiated } from './init.ts'

interface Previewing {
  readonly flags: InitFlags & Pick<FlowFlags, 'concurrency'>
  readonly json: boolean
  readonly made: Initiated
}

/** Runs some work in a session on a site file; undefined = the one that is found from here. */
type InSession = <T>(site: string | undefined, work: (session: Session) => Promise<T>) => Promise<T>

/** Exit 0 whatever the plan says: the file is written. Errors: E_INTERRUPTED. */
export async function preview(
  { flags, json, made }: Previewing,
  inSession: InSession,
  parts: readonly Part[],
): Promise<{ exit: number; document: unknown }> {
  const { lab, 'lab-dir': dir, concurrency, out } = flags
  const site = out ?? flags.site ?? (process.env.ORION_SITE ? made.file : undefined)
  const chosen: FlowFlags = { concurrency, site, lab, 'lab-dir': dir }
  const written = `${made.state === 'same' ? 'It is there already, word by word' : 'Written'}: ${made.file}`
  await say({ json }, written)
  const { look } = await import('../flow.ts')
  const work = (session: Session): Work => ({ session, parts, flags: chosen, json, command: 'bootstrap plan' })
  try {
    const { document }: Outcome = await inSession(site, async (session) => look(work(await overSsh(session))))
    // A long plan has scrolled it away.
    await say({ json }, written)
    if (!(lab || dir)) await say({ json }, `First: ${toCommand(chosen, 'bootstrap access')}`)
    return { exit: EXIT.ok, document: { ...made, ...document } }
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    const { code, message, suggestions } = error
    const hints = suggestions.map((hint) => completeHint(hint, chosen))
    await say(
      { json },
      [`There is no plan to show yet: ${message}`, ...hints.map((hint) => `  Try: ${hint}`)].join('\n'),
    )
    const next = lab || dir ? 'bootstrap' : 'bootstrap access'
    await say({ json }, `Next: ${toCommand(chosen, next)}`)
    return { exit: EXIT.ok, document: { ...made, error: { code, message, suggestions: hints } } }
  }
}

/** On the first day there is no token: of one cluster, all is read over SSH by pvesh, as the wizard read it. */
async function overSsh(session: Session): Promise<Session> {
  const { site, lab } = session
  const [node] = site.nodes
  if (lab || node === undefined || site.clusters.length > 1) return session
  const { openDiscovery } = await import('../discovery.ts')
  const { outside } = await openDiscovery(session, node.name)
  return { ...session, outside }
}
