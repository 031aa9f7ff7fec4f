// The three things that commands do with parts of a site: look (plan), build (plan, ask, apply), prove (verify).
import type { Plan } from '../engine/plan.ts'
import type { Problem, Report } from '../engine/report.ts'
import type { VerifyReport } from '../engine/verify.ts'
import { CODES, EXIT } from '../errors.ts'
import type { Part, Probe, Resource } from '../resource.ts'
import { agree } from './agreement.ts'
import { completeHint, getApply, showNext, toCommand, withSuggestions } from './next.ts'
import { refuseUnknownNodes, selectProbes, selectResources, toMatcher } from './selection.ts'
import type { Session, SiteFlags } from './session.ts'
import { say, show, showPlan, watched } from './talk.ts'

export interface FlowFlags extends SiteFlags {
  readonly only?: readonly string[] | undefined
  readonly concurrency: number
  readonly verbose?: boolean
  readonly 'dry-run'?: boolean
  readonly yes?: boolean
  readonly restart?: boolean
  /** Only these nodes, where a command has --node. */
  readonly node?: readonly string[] | undefined
  /** Seconds that a host waits for the confirmation of a guarded change. */
  readonly 'confirm-within'?: number | undefined
}

export interface Work {
  readonly session: Session
  readonly parts: readonly Part[]
  readonly flags: FlowFlags
  /** One JSON document instead of pages and progress. */
  readonly json: boolean
  /** Where stdout is for something else. */
  readonly pages?: 'stderr'
  /** The command as the operator typed it, e.g. `vm apply`. */
  readonly command: string
}

/** What a flow came to: the exit code, and the document of --json. */
export interface Outcome {
  readonly exit: number
  readonly document: Document
}
interface Document {
  readonly plan?: Plan
  readonly report?: Report
  readonly verify?: VerifyReport
  /** Why what was applied could not be verified. */
  readonly error?: Problem
}

/** Makes the plan and shows it. Exit 3 where there are differences, 1 where something cannot be planned. */
export async function look(work: Work): Promise<Outcome> {
  const plan = await makePlan(work, getResources(work))
  await showPlan(work, plan)
  const exit = await planExit(plan)
  const next = getApply(work.command)
  if (exit === EXIT.differences && next) await showNext(work, 'Make it so', next)
  return { exit, document: { plan } }
}

/** Plans, shows, asks, applies and reports; with `verify` it proves the result too. */
export async function build(work: Work, { verify = false } = {}): Promise<Outcome> {
  if (work.flags['dry-run']) return look(work)
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(work.session.dir, { site: work.session.site.name, command: work.command })
  try {
    const built = await planAndApply(work)
    if (built.exit !== EXIT.ok) return built
    if (!verify) {
      if (built.document.report && getApply(work.command)) await showNext(work, 'Prove it', 'verify')
      return built
    }
    const proof = await proveApplied(work).catch((error: unknown) => unproved(work, error))
    if (proof.exit === EXIT.ok) await showNext(work, 'See it', 'vm list')
    return { exit: proof.exit, document: { ...built.document, ...proof.document } }
  } finally {
    await lock.release()
  }
}

async function planAndApply(work: Work): Promise<Outcome> {
  const resources = getResources(work)
  const plan = await makePlan(work, resources)
  await showPlan(work, plan)
  return carryOut(work, { plan, resources, agree: () => askFirst(work, plan) })
}

interface Shown {
  readonly plan: Plan
  readonly resources: readonly Resource[]
  /** Asks the operator; throws where the answer is no. */
  agree(): Promise<void>
}

/** From a plan that was shown to its report. A plan with a problem changes nothing, and one without differences need not. */
export async function carryOut(work: Work, { plan, resources, agree }: Shown): Promise<Outcome> {
  const exit = await planExit(plan)
  if (exit !== EXIT.ok && exit !== EXIT.differences) await say(work, 'Nothing was changed: the plan has problems.')
  if (exit !== EXIT.differences) return { exit, document: { plan } }
  await agree()
  const report = await apply(work, plan, resources)
  const { getExit } = await import('../engine/report.ts')
  return { exit: getExit(report), document: { plan, report } }
}

/** Runs the live checks and shows what they saw. Exit 3 where one is not green; E_USAGE where --only means none. */
export async function prove(work: Work): Promise<Outcome> {
  const probes = selectProbes(getProbes(work), work.flags.only)
  return runAndShow(work, probes)
}

/** What was applied is reported, also where the proof of it breaks off (Ctrl-C). */
export async function unproved(work: Work, thrown: unknown): Promise<Outcome> {
  const { toProblem } = await import('../engine/report.ts')
  const error = toProblem(thrown)
  await say(work, `Applied, and not verified: ${error.message}`)
  return { exit: CODES[error.code], document: { error } }
}

/** After an apply: the checks of what was applied, of which there may be none. */
async function proveApplied(work: Work): Promise<Outcome> {
  const { only = [] } = work.flags
  const matches = toMatcher(only)
  return runAndShow(
    work,
    getProbes(work).filter(({ id, title }) => only.length === 0 || matches(id, title)),
  )
}

const getProbes = ({ session, parts }: Work): readonly Probe[] => parts.flatMap((part) => part.probes(session.site))

async function runAndShow(work: Work, probes: readonly Probe[]): Promise<Outcome> {
  const { runProbes } = await import('../engine/verify.ts')
  const { session, flags } = work
  const verify = await watched(work, (on) =>
    runProbes(probes, session.outside, { site: session.site.name, concurrency: flags.concurrency, on }),
  )
  const hinted = { ...verify, probes: verify.probes.map((probe) => withHint(probe, flags)) }
  await show(work, async (look) => (await import('../console/verify-view.ts')).renderVerify(hinted, look))
  return { exit: verify.ok ? EXIT.ok : EXIT.differences, document: { verify } }
}

function withHint<T extends { readonly hint?: string }>(probe: T, flags: FlowFlags): T {
  return probe.hint === undefined ? probe : { ...probe, hint: completeHint(probe.hint, flags) }
}

/** Everything that the parts want, narrowed by --only. */
export function getResources({ session, parts, flags }: Work): readonly Resource[] {
  refuseUnknownNodes(session.site, flags.node)
  const wishes = { restart: flags.restart ?? false }
  return selectResources(
    parts.flatMap((part) => part.resources(session.site, wishes)),
    flags.only,
  )
}

async function makePlan(work: Work, resources: readonly Resource[]): Promise<Plan> {
  const engine = await import('../engine/plan.ts')
  const { session, flags } = work
  // A part alone needs things of other parts (a guest its storage): those are taken as met.
  const options = { site: session.site.name, concurrency: flags.concurrency, partial: true }
  return watched(work, (on) => engine.makePlan(resources, session.outside, { ...options, on }))
}

/** Applies a plan with progress, and shows the report. */
async function apply(work: Work, plan: Plan, resources: readonly Resource[]): Promise<Report> {
  const { applyPlan } = await import('../engine/apply.ts')
  const { session, flags } = work
  const report = await watched(work, (on) =>
    applyPlan(plan, resources, session.outside, { concurrency: flags.concurrency, on }),
  )
  const again = toCommand(work.flags, work.command)
  const hinted = { ...report, steps: report.steps.map((step) => withSuggestions(step, work.flags)) }
  await show(work, async (look) => (await import('../console/report-view.ts')).renderReport(hinted, { ...look, again }))
  return report
}

/** Errors: E_CONFIRM. */
async function askFirst({ flags, json, session }: Work, plan: Plan): Promise<void> {
  const where = session.lab ? 'in the lab' : `on ${plan.site}`
  const restarts = flags.restart ? ', restarting guests where a change needs it' : ''
  await agree({ question: `Apply this ${where}${restarts}?`, yes: flags.yes, json, session })
}

/** The exit code of a plan alone. */
export async function planExit(plan: Plan): Promise<number> {
  const { getPlanExit } = await import('../engine/plan.ts')
  return getPlanExit(plan)
}
