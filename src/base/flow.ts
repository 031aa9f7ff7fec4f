// Two things that commands do with parts of a site: look (plan), and build (plan, ask, apply; proved by proof.ts).
import type { Plan } from '../engine/plan.ts'
import type { Problem, Report } from '../engine/report.ts'
import type { VerifyReport } from '../engine/verify.ts'
import { EXIT } from '../errors.ts'
import type { Part, Resource } from '../resource.ts'
import { agree } from './agreement.ts'
import { getApply, showNext, toCommand, withSuggestions } from './next.ts'
import { proveApplied, unproved } from './proof.ts'
import type { SavedPlan } from './saved-plan-file.ts'
import { refuseUnknownGateways, refuseUnknownNodes, selectResources } from './selection.ts'
import type { Session, SiteFlags } from './session.ts'
import { say, show, showPlan, watched } from './talk.ts'

export interface FlowFlags extends SiteFlags {
  readonly only?: readonly string[] | undefined
  readonly concurrency: number
  readonly verbose?: boolean
  readonly 'dry-run'?: boolean
  readonly yes?: boolean
  readonly restart?: boolean
  readonly 'accept-irr'?: boolean
  /** Whether nodes restart, where a command has --reboot. */
  readonly reboot?: string | undefined
  /** How long what is not green yet may take to become so, where a command has --timeout. Seconds. */
  readonly timeout?: number | undefined
  /** Only these nodes, where a command has --node. */
  readonly node?: readonly string[] | undefined
  /** Only these gateways, where a command has --gateway. */
  readonly gateway?: readonly string[] | undefined
  /** Where a plan is saved, and whether it is told as Markdown. */
  readonly out?: string | undefined
  readonly markdown?: boolean
  /** The plan that an apply carries out, and no other. */
  readonly saved?: SavedPlan
  /** Where the checks of a proof go as JUnit XML. */
  readonly junit?: string | undefined
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
  /** What waits for its turn is planned and applied next, by the same command, and shown then. */
  readonly goesOn?: boolean
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
  /** The file where the plan was saved. */
  readonly saved?: string
  /** What was taken away after a green verify: old snapshots. */
  readonly tidied?: Report
  /** Why what was applied could not be verified. */
  readonly error?: Problem
}

/** Makes the plan and shows it. Exit 3 where there are differences, 1 where something cannot be planned. */
export async function look(work: Work): Promise<Outcome> {
  const { out } = work.flags
  const keep = out === undefined ? undefined : await (await import('./saved-plan.ts')).prepareSave(work, out)
  const plan = await makePlan(work, getResources(work))
  await showPlan(work, plan)
  const exit = await planExit(plan)
  if (keep) return { exit, document: { plan, ...(await keep(plan, exit)) } }
  const next = getApply(work.command)
  // Of a saved plan the operator has the command already, and this one would be another.
  if (exit === EXIT.differences && next && !work.flags.saved) await showNext(work, 'Make it so', next)
  return { exit, document: { plan } }
}

/** Plans, shows, asks, applies and reports; with `verify` it proves the result too. */
export async function build(work: Work, { verify = false } = {}): Promise<Outcome> {
  const { saved } = work.flags
  if (saved) await (await import('./saved-plan.ts')).refuseOtherSite(saved, work.session)
  if (work.flags['dry-run']) return look(work)
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(work.session.dir, { site: work.session.site.name, command: work.command })
  try {
    const built = await planAndApply(work)
    if (built.exit !== EXIT.ok) return built
    if (!verify) {
      const { report } = built.document
      const apply = report && getApply(work.command)
      if (apply && hasTurn(report)) await showNext(work, 'Do the rest', apply)
      else if (apply) {
        if (apply === 'mesh apply') await showNext(work, 'See it', 'mesh status')
        await showNext(work, 'Prove it', 'verify')
      }
      return built
    }
    const proof = await proveApplied(work).catch((error: unknown) => unproved(work, error))
    const tidied = proof.exit === EXIT.ok ? await (await import('./tidy.ts')).tidy(work) : undefined
    const left = ofOperator((built.document.report ?? built.document.plan)?.steps ?? [])
    if (proof.exit === EXIT.ok) await (left ? showNext(work, 'Then', left) : showNext(work, 'See it', 'vm list'))
    const document = { ...built.document, ...proof.document, ...(tidied ? { tidied } : {}) }
    return { exit: proof.exit, document }
  } finally {
    await lock.release()
  }
}

/** Something was left for the next run. */
const hasTurn = ({ steps }: Report): boolean => steps.some((step) => step.waits.some(({ waits }) => waits === 'turn'))

/** The command that the operator has the choice of, and that would end what waits: a restart of a node. */
function ofOperator(steps: Report['steps'] | Plan['steps']): string | undefined {
  const hints = steps.flatMap((step) => step.waits.filter(({ waits }) => waits === 'operator').map(({ hint }) => hint))
  return hints.find((hint) => hint?.startsWith('orion '))?.slice('orion '.length)
}

/** The same without the lock, for a caller that holds it. `prepare` comes after the yes, and before the first step. */
export async function planAndApply(work: Work, prepare: () => Promise<void> = async () => {}): Promise<Outcome> {
  const resources = getResources(work)
  const plan = await makePlan(work, resources)
  await showPlan(work, plan)
  const agree = async () => {
    await askFirst(work, plan)
    await prepare()
  }
  return carryOut(work, { plan, resources, agree })
}

interface Shown {
  readonly plan: Plan
  readonly resources: readonly Resource[]
  /** Asks the operator; throws where the answer is no. */
  agree(): Promise<void>
}

/** From a plan that was shown to its report, under the lock. A plan with a problem changes nothing, and one without differences need not. */
export async function carryOut(work: Work, { plan, resources, agree }: Shown): Promise<Outcome> {
  const exit = await planExit(plan)
  if (exit !== EXIT.ok && exit !== EXIT.differences) await say(work, 'Nothing was changed: the plan has problems.')
  if (exit === EXIT.ok) await (await import('./journal.ts')).settleKilled(work)
  if (exit !== EXIT.differences) return { exit, document: { plan } }
  await agree()
  const report = await apply(work, plan, resources)
  const { getExit } = await import('../engine/report.ts')
  return { exit: getExit(report), document: { plan, report } }
}

/** Everything that the parts want, narrowed by --only. */
export function getResources({ session, parts, flags }: Work): readonly Resource[] {
  refuseUnknownNodes(session.site, flags.node)
  refuseUnknownGateways(session.site, flags.gateway)
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
  const plan = await watched(work, (on) => engine.makePlan(resources, session.outside, { ...options, on }))
  if (flags.saved) (await import('./saved-plan.ts')).refuseChanged(flags.saved, plan)
  return plan
}

/** Applies a plan with progress, and shows the report. */
async function apply(work: Work, plan: Plan, resources: readonly Resource[]): Promise<Report> {
  const { applyPlan } = await import('../engine/apply.ts')
  const { getExit } = await import('../engine/report.ts')
  const { record, toResult } = await import('./journal.ts')
  const { readDurations } = await import('./journal-durations.ts')
  const { session, flags, command } = work
  const lastMs = await readDurations(session.journalDir)
  const run = () =>
    watched(work, (on) => applyPlan(plan, resources, session.outside, { concurrency: flags.concurrency, on, lastMs }))
  const report = await record(work, { command, flags, plan }, run, (done) => toResult(done, getExit(done)))
  const again = toCommand(work.flags, work.command)
  const hinted = { ...report, steps: report.steps.map((step) => withSuggestions(step, work.flags)) }
  await show(work, async (look) =>
    (await import('../console/report-view.ts')).renderReport(hinted, { ...look, again, goesOn: work.goesOn ?? false }),
  )
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
