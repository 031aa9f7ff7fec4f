// The third thing that commands do with parts of a site: prove it by its live checks.

import type { PlacedProbe, VerifyReport } from '../engine/verify.ts'
import { CODES, EXIT } from '../errors.ts'
import type { FlowFlags, Outcome, Work } from './flow.ts'
import { completeHint, showNext } from './next.ts'
import { toMatcher } from './pattern.ts'
import { placeProbes } from './placing.ts'
import { refuseUnknownNodes, selectProbes } from './selection.ts'
import { getPlace, say, show, watched } from './talk.ts'

/** How long what is not green yet may take to become so, in seconds: at any time, and right after it was applied. */
const SETTLE_SECONDS = 10
const APPLIED_SECONDS = 60

/** Runs the live checks and shows what they saw. Exit 3 where one is not green; E_USAGE where --only or --node means none. */
export async function prove(work: Work): Promise<Outcome> {
  const proven = await runAndShow(work, getWantedProbes(work), {
    settleSeconds: SETTLE_SECONDS,
    head: `${getPlace(work)}\n\n`,
  })
  if (proven.exit !== EXIT.ok && work.command === 'verify') await showNext(work, 'Follow it', 'verify --watch')
  return proven
}

/** What --node and --only leave of the checks. Errors: E_USAGE for an unknown node, or where nothing is left. */
export function getWantedProbes(work: Work): readonly PlacedProbe[] {
  refuseUnknownNodes(work.session.site, work.flags.node)
  return selectProbes(getProbes(work), work.flags.only)
}

/** What was applied is reported, also where the proof of it breaks off (Ctrl-C). */
export async function unproved(work: Work, thrown: unknown): Promise<Outcome> {
  const { toProblem } = await import('../engine/report.ts')
  const error = toProblem(thrown)
  await say(work, `Applied, and not verified: ${error.message}`)
  return { exit: CODES[error.code], document: { error } }
}

/** After an apply: the checks of what was applied, of which there may be none. */
export async function proveApplied(work: Work): Promise<Outcome> {
  const { only = [] } = work.flags
  const matches = toMatcher(only)
  const probes = getProbes(work).filter(({ id, title }) => only.length === 0 || matches(id, title))
  // The head stands above the plan.
  return runAndShow(work, probes, { settleSeconds: APPLIED_SECONDS, head: '' })
}

const getProbes = ({ session, parts, flags }: Work): readonly PlacedProbe[] =>
  placeProbes(session.site, parts, flags.node)

interface Proving {
  readonly settleSeconds: number
  /** What stands above the page. */
  readonly head: string
}

async function runAndShow(
  work: Work,
  probes: readonly PlacedProbe[],
  { settleSeconds, head }: Proving,
): Promise<Outcome> {
  const { runProbes } = await import('../engine/verify.ts')
  const { session, flags } = work
  const withinMs = 1000 * (flags.timeout ?? settleSeconds)
  const verify = await watched(work, (on) =>
    runProbes(probes, session.outside, { site: session.site.name, concurrency: flags.concurrency, withinMs, on }),
  )
  await show(work, async (look) => {
    const { renderVerify } = await import('../console/verify-view.ts')
    const { getPaint } = await import('../console/paint.ts')
    const page = renderVerify(withHints(verify, flags), { ...look, verbose: flags.verbose ?? false })
    return getPaint(look).dim(head) + page
  })
  return { exit: verify.ok ? EXIT.ok : EXIT.differences, document: { verify } }
}

/** Its commands as they can be typed. */
export function withHints(report: VerifyReport, flags: FlowFlags): VerifyReport {
  const probes = report.probes.map((probe) =>
    probe.hint === undefined ? probe : { ...probe, hint: completeHint(probe.hint, flags) },
  )
  return { ...report, probes }
}
