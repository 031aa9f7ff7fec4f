// orion bootstrap join: the steps that are left, one after the other. A run that was killed goes on where the node says it is.
import { EXIT, OrionError } from '../errors.ts'
import type { Outside, Part } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import { type FlowFlags, type Outcome, planAndApply, type Work } from './flow.ts'
import { alreadyText, doneText, headText, STEP_NAMES, STEPS, stoppedText } from './join-text.ts'
import type { Result, Talk } from './net.ts'
import { prove } from './proof.ts'
import { say } from './talk.ts'

interface Stage {
  readonly parts: readonly Part[]
  prepare(): Promise<void>
}

/** The node's side of it (parts/join.ts). */
interface Joining {
  readonly node: string
  readonly gateways: readonly string[]
  readonly network: readonly Stage[]
  readonly services: readonly Stage[]
  readonly weights: readonly number[]
  progress(): Promise<{ readonly step: number; readonly since: string; readonly at: string } | undefined>
  hardware(): Promise<readonly string[]>
  weight(): Promise<number>
  troubles(): Promise<readonly string[]>
  setWeight(weight: number, note: (text: string) => void): Promise<void>
  keep(step: number): Promise<void>
}

export interface JoinWish extends FlowFlags {
  readonly joiner: string
  /** Only this one. */
  readonly step?: (typeof STEP_NAMES)[number] | undefined
  readonly open: (site: Site, outside: Outside, node: string) => Promise<Joining>
}

/** What a step came to: not EXIT.ok ends the run. */
interface Done {
  readonly exit: number
  readonly document: unknown
}

const OK = { exit: EXIT.ok } as const

/**
 * Takes the node into the site. Errors: E_USAGE (unknown node, a step before its time), E_HOST_FACTS where the machine is too small
 * or a link is not well, E_CONFIRM, E_LOCKED, those of the guard and of the host. Exit codes of a step as of plan and apply.
 */
export async function join(talk: Talk, wish: JoinWish): Promise<Result> {
  const { session } = talk
  const joining = await wish.open(session.site, session.outside, wish.joiner)
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: `bootstrap join ${joining.node}` })
  try {
    return await goOn(talk, wish, joining)
  } finally {
    await lock.release()
  }
}

async function goOn(talk: Talk, wish: JoinWish, joining: Joining): Promise<Result> {
  const progress = await joining.progress()
  const done = progress?.step ?? 0
  const steps = stepsOf(joining.node, wish.step, done)
  const base = { site: talk.session.site.name, node: joining.node }
  if (progress !== undefined && steps.length === 0) {
    await say(talk, alreadyText(joining.node, progress.at))
    return { ...OK, document: { ...base, done, steps: [] } }
  }
  await say(talk, headText(joining.node, talk.session.site.name, done, steps))
  const reports: unknown[] = []
  for (const step of steps) {
    await say(talk, `\nStep ${step}: ${STEPS[step - 1]}`)
    const made = await WORK[step]?.(talk, wish, joining)
    if (made === undefined) continue
    reports.push({ step, result: made.document })
    if (made.exit !== EXIT.ok) {
      for (const line of stoppedText(joining.node, step, wish)) await say(talk, line)
      return { exit: made.exit, document: { ...base, done: step - 1, steps: reports } }
    }
    await joining.keep(Math.max(step, done))
  }
  const last = Math.max(done, steps.at(-1) ?? 0)
  for (const line of doneText(joining, last, wish)) await say(talk, line)
  return { ...OK, document: { ...base, done: last, steps: reports } }
}

/** Errors: E_USAGE. */
function stepsOf(node: string, only: JoinWish['step'], done: number): readonly number[] {
  const all = STEPS.map((_, at) => at + 1)
  if (only === undefined) return all.filter((step) => step > done)
  const step = STEP_NAMES.indexOf(only) + 1
  if (step <= done + 1) return [step]
  throw new OrionError(`step ${step} of ${node} (${only}) comes after step ${done + 1}, which is not done yet`, {
    code: 'E_USAGE',
    suggestions: [`orion bootstrap join ${node}`],
  })
}

type Step = (talk: Talk, wish: JoinWish, joining: Joining) => Promise<Done>
const WORK: Readonly<Record<number, Step>> = {
  1: hardware,
  2: (talk, wish, { network }) => carryOutAll(talk, wish, network),
  3: (talk, wish, { services }) => carryOutAll(talk, wish, services),
  4: firstState,
  5: traffic,
}

async function hardware(talk: Talk, _: JoinWish, joining: Joining): Promise<Done> {
  const lines = await joining.hardware()
  for (const line of lines) await say(talk, `  ${line}`)
  return { ...OK, document: { hardware: lines } }
}

/** A plan without differences is as good as an applied one. Where the bypass waited for the hub, it has its turn then. */
async function carryOutAll(talk: Talk, wish: JoinWish, stages: readonly Stage[]): Promise<Done> {
  const documents: unknown[] = []
  for (const { parts, prepare } of stages) {
    const work = workOf(talk, wish, parts)
    const first = await planAndApply({ ...work, goesOn: true }, prepare)
    documents.push(first.document)
    const last = first.exit === EXIT.ok && hasTurns(first) ? await planAndApply(work) : first
    if (last !== first) documents.push(last.document)
    if (last.exit !== EXIT.ok) return { exit: last.exit, document: documents }
  }
  return { ...OK, document: documents }
}

function hasTurns({ document: { plan } }: Outcome): boolean {
  return plan?.steps.some(({ waits }) => waits.some((one) => one.waits === 'turn')) ?? false
}

/** Everything as the site file says, looked at with open eyes before the first packet of others comes. */
async function firstState(talk: Talk, wish: JoinWish, joining: Joining): Promise<Done> {
  const proof = await prove(workOf(talk, wish, partsOf(joining)))
  if (proof.exit !== EXIT.ok) return proof
  return troubled(talk, joining, proof.document)
}

async function troubled(talk: Talk, joining: Joining, known: object = {}): Promise<Done> {
  const troubles = await joining.troubles()
  for (const text of troubles) await say(talk, `  ${text}`)
  const document = { ...known, troubles }
  return troubles.length === 0 ? { ...OK, document } : { exit: EXIT.differences, document }
}

async function traffic(talk: Talk, wish: JoinWish, joining: Joining): Promise<Done> {
  const { node, weights } = joining
  if (weights.length === 0) {
    await say(talk, `  nothing to weigh: no routes of the mesh are announced by ${node}`)
    return { ...OK, document: { weights: [] } }
  }
  const from = await joining.weight()
  const left = weights.filter((weight) => weight > from)
  if (left.length > 0) await askForTraffic(talk, wish, { node, from, left })
  const { record } = await import('./journal.ts')
  for (const weight of left) {
    const before = await troubled(talk, joining)
    if (before.exit !== EXIT.ok) return before
    const steps = [{ id: `mesh-weight:${node}`, verb: 'update', fields: [`weight ${weight}`] }]
    await record(talk, { command: `bootstrap join ${node}`, flags: wish, steps }, () =>
      joining.setWeight(weight, (text) => void say(talk, `    ${node}: ${text}`)),
    )
    await say(talk, `  weight ${weight}`)
    const proof = await proveQuietly(talk, wish, joining)
    if (proof.exit !== EXIT.ok) {
      await say(talk, `  a check of ${node} is not green: it stays at ${weight}`)
      return proof
    }
  }
  // A run may have been killed between its last weight and the check of it.
  const proof = left.length > 0 ? { ...OK, document: { weights: left } } : await proveQuietly(talk, wish, joining)
  return proof.exit === EXIT.ok ? troubled(talk, joining, proof.document) : proof
}

interface Ask {
  readonly node: string
  readonly from: number
  readonly left: readonly number[]
}

async function askForTraffic(talk: Talk, wish: JoinWish, { node, from, left }: Ask): Promise<void> {
  const how = 'each only while no link loses a packet'
  await say(talk, `  weight ${from} now, then ${left.join(', ')}; ${how}`)
  const question = `Let traffic come to ${node}${talk.session.lab ? ' in the lab' : ''}?`
  await agree({ ...talk, question, yes: wish.yes })
}

function proveQuietly(talk: Talk, wish: JoinWish, joining: Joining): Promise<Outcome> {
  return prove({ ...workOf(talk, wish, partsOf(joining)), json: true })
}

function partsOf({ network, services }: Joining): readonly Part[] {
  return [...network, ...services].flatMap(({ parts }) => parts)
}

function workOf({ session, json }: Talk, wish: JoinWish, parts: readonly Part[]): Work {
  return { session, parts, flags: wish, json, command: `bootstrap join ${wish.joiner}` }
}
