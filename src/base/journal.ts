// Every change of a site is written down: what began, before its first step, and how it ended; here, and on the nodes it was about.
import { hostname, userInfo } from 'node:os'
import type { Begin, End, EndedStep, WantedStep } from '../engine/journal.ts'
import type { Plan } from '../engine/plan.ts'
import type { Report } from '../engine/report.ts'
import { CODES, EXIT, OrionError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import { appendJournal, closeKilled, type Written } from './journal-file.ts'
import { owe, tellNodes } from './journal-nodes.ts'
import type { Session } from './session.ts'
import { say } from './talk.ts'

interface Talk {
  readonly session: Session
  readonly json: boolean
}

/** What a run is about to do: a plan, or steps where there is no plan. */
export interface Change {
  /** As it is typed, with its arguments: `bgp drain AS64500`. */
  readonly command: string
  readonly flags?: object
  readonly plan?: Plan
  readonly steps?: readonly WantedStep[]
}

type Result = Omit<End, 'kind' | 'run' | 'ms'>

/**
 * Does `run` and writes it down, within the site's lock. `toResult` tells of its value how it ended; default: as wanted. What `run`
 * throws is written down and thrown. Errors: E_APPLY where the journal cannot be kept, before anything was changed.
 */
export async function record<T>(
  talk: Talk,
  change: Change,
  run: () => Promise<T>,
  toResult: (value: T) => Result = () => ({ exit: EXIT.ok, steps: [] }),
): Promise<T> {
  const dir = talk.session.journalDir
  if (dir === undefined) return run()
  const start = performance.now()
  const begun = await appendBegin(talk, dir, change)
  const end = (result: Result) => appendEnd(talk, { dir, begun, ms: Math.round(performance.now() - start) }, result)
  try {
    const value = await run()
    await end(toResult(value))
    return value
  } catch (error) {
    await end(toFailure(error))
    throw error
  }
}

/** Of the report of a plan. */
export function toResult({ steps, counts }: Report, exit: number): Result {
  return { exit, counts, steps: steps.flatMap((step) => (step.outcome === 'kept' ? [] : [toEnded(step)])) }
}

function toEnded({ id, verb, outcome, ms, error }: Report['steps'][number]): EndedStep {
  return { id, verb, outcome, ms, ...(error ? { code: error.code } : {}) }
}

function toFailure(error: unknown): Result {
  const code = error instanceof OrionError ? error.code : 'E_APPLY'
  return { exit: CODES[code], code, steps: [] }
}

async function appendBegin({ session }: Talk, dir: string, change: Change): Promise<Written> {
  const begin = await toBegin(session, change)
  return appendJournal(dir, async (run) => {
    await owe(dir, begin.nodes, run)
    return { ...begin, run }
  })
}

/** What was done is done: that it cannot be written down is said, and no more. */
async function appendEnd(
  talk: Talk,
  { dir, begun, ms }: { readonly dir: string; readonly begun: Written; readonly ms: number },
  result: Result,
): Promise<void> {
  const { entry } = begun
  if (entry.kind !== 'begin') return
  try {
    await appendJournal(dir, () => ({ kind: 'end', run: entry.run, ms, ...result }))
    await tellNodes(talk, dir, entry, result.steps)
  } catch (error) {
    await say(talk, `Not in the journal: how this ended (${toReason(error)})`)
  }
}

/** A run that found nothing to do, under the lock: one before it that was killed gets its end, here and on its nodes. */
export async function settleKilled(talk: Talk): Promise<void> {
  const dir = talk.session.journalDir
  if (dir === undefined) return
  try {
    const killed = await closeKilled(dir)
    if (killed) await tellNodes(talk, dir, killed, [])
  } catch (error) {
    await say(talk, `Not in the journal: that the last run was killed (${toReason(error)})`)
  }
}

const toReason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Flags that say what was done; none of them is secret. */
const TOLD = [
  'only',
  'node',
  'gateway',
  'restart',
  'reboot',
  'accept-irr',
  'confirm-within',
  'yes',
  'renew',
  'to',
  'keypairs',
  'bypass',
  'snapshot',
]

async function toBegin(session: Session, { command, flags = {}, plan, steps }: Change): Promise<Omit<Begin, 'run'>> {
  const { site, lab } = session
  const wanted = steps ?? (plan ? toWanted(plan) : [])
  const kept = plan ? plan.steps.length - wanted.length : 0
  const { digestOf } = await import('./digest.ts')
  const { getVersion } = await import('./version.ts')
  return {
    kind: 'begin',
    who: { user: getUser(), host: hostname(), orion: await getVersion() },
    command,
    flags: Object.fromEntries(Object.entries(flags).filter(([name, value]) => TOLD.includes(name) && isSet(value))),
    site: {
      name: site.name,
      file: site.file,
      ...(session.siteSha256 === undefined ? {} : { sha256: session.siteSha256 }),
      ...(lab ? { lab: true as const } : {}),
    },
    plan: { ...(plan ? { sha256: digestOf(plan) } : {}), kept, steps: wanted },
    nodes: nodesOf(
      site,
      wanted.map(({ id }) => id),
    ),
  }
}

const isSet = (value: unknown): boolean => value !== undefined && value !== false

/** Of what is created or removed all fields are meant. */
function toWanted({ steps }: Plan): readonly WantedStep[] {
  return steps
    .filter(({ verb }) => verb !== 'keep')
    .map(({ id, title, verb, differences }) => ({
      id,
      title,
      verb,
      ...(verb === 'update' ? { fields: differences.map(({ field }) => field) } : {}),
    }))
}

/** The nodes that ids name: themselves, a guest's node, the first node of a cluster, both ends of a link. */
export function nodesOf({ nodes, guests }: Pick<Site, 'nodes' | 'guests'>, ids: readonly string[]): readonly string[] {
  const byName = new Map<string, string>()
  for (const { name, cluster } of nodes.toReversed()) byName.set(cluster, name)
  for (const { name, node } of guests) byName.set(name, node)
  for (const { name } of nodes) byName.set(name, name)
  const named = ids.flatMap(
    (id) =>
      id
        .slice(id.indexOf(':') + 1)
        .split('/')[0]
        ?.split('~') ?? [],
  )
  const found = new Set(named.flatMap((name) => byName.get(name) ?? []))
  return nodes.flatMap(({ name }) => (found.has(name) ? [name] : []))
}

/** A user id without an entry in the password file is no reason to fail. */
export function getUser(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER ?? 'somebody'
  }
}
