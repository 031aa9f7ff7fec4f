// orion net, bgp and mesh undo: what a host remembers, what would go back and what that interrupts, asked and done under the guard.
import { EXIT, OrionError } from '../errors.ts'
import type { GuardState } from '../host/guard.ts'
import type { Host, HostFile, Seen } from '../host/host.ts'
import type { Difference, Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import { CONFIRM_SECONDS } from './flags.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'
import { say, show } from './talk.ts'

export interface Undo extends SiteFlags {
  /** As it is typed, with the host where that is an argument: `net undo n1`. */
  readonly command: string
  /** The change to put back; default: the newest one that was confirmed. */
  readonly to?: string | undefined
  readonly list: boolean
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly 'confirm-within'?: number | undefined
  /** Errors: E_USAGE for a host that the site does not have. */
  readonly way: (site: Site) => WayBack
}

/** A host, and what files mean to it (parts/net-undo.ts, bgp-undo.ts, mesh-undo.ts): `before` as they were, `now` and `after` as they are. */
export interface WayBack {
  readonly name: string
  readonly kind: 'node' | 'router' | 'gateway'
  /** Which changes of the host are this topic's, by their names: the proof of another topic says nothing of them. Default: all. */
  readonly isOurs?: (change: string) => boolean
  readonly host: (outside: Outside) => Promise<Host>
  readonly lookBack: (before: readonly HostFile[], now: Seen) => readonly Difference[]
  readonly readNow: (host: Host, before: readonly HostFile[]) => Promise<Seen>
  /** What it interrupts; undefined = nothing. */
  readonly disruptsBack: (before: readonly HostFile[], now: Seen) => string | undefined
  /** What they belong to may need more time than is usual; seconds. */
  readonly leastSeconds?: (before: readonly HostFile[]) => number
  /** What does not stand after it; [] = keep it so. */
  readonly worseBack: (before: readonly HostFile[], now: Seen, after: Seen) => readonly string[]
}

/**
 * Shows what the host remembers and what would go back, asks, and lets the host's guard do it. Errors: E_USAGE for an unknown
 * host or change, E_CONFIRM, E_LOCKED, and those of the guard, which end with exit code 4.
 */
export async function undo(talk: Talk, wish: Undo): Promise<Result> {
  const { session, json } = talk
  const way = wish.way(session.site)
  const host = await way.host(session.outside)
  const states = await host.guard.states()
  const now = Date.now() / 1000
  await show({ json }, async (look) => (await import('../console/guard-table.ts')).renderChanges(states, now, look))
  if (wish.list) return { exit: EXIT.ok, document: { [way.kind]: way.name, states } }
  const chosen = choose(states, way, wish)
  const skipped = wish.to === undefined ? skippedBy(states, way, chosen) : []
  if (skipped.length > 0)
    await say(talk, `Newer, and left as they are, as this undo is not for them: ${skipped.join(', ')}`)
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: wish.command })
  try {
    return await putBack(talk, wish, { way, host, chosen, also: alsoOf(states, chosen) })
  } finally {
    await lock.release()
  }
}

interface Choice {
  readonly way: WayBack
  readonly host: Host
  readonly chosen: GuardState
  /** Other changes of the same apply, which stay. */
  readonly also: readonly GuardState[]
}

async function putBack(talk: Talk, wish: Undo, choice: Choice): Promise<Result> {
  const { way, host, chosen, also } = choice
  const { name } = way
  const { readSides } = await import('../host/guard-before.ts')
  const { before, after } = await readSides(host, chosen.id)
  const seen = await way.readNow(host, before)
  const differences = withDisruption(way.lookBack(before, seen), way.disruptsBack(before, seen))
  const changedSince = after.filter((file) => way.lookBack([file], seen).length > 0).map(({ path }) => path)
  const seconds = Math.max(wish['confirm-within'] ?? CONFIRM_SECONDS, way.leastSeconds?.(before) ?? 0)
  await showWay(talk, seconds, { ...choice, differences })
  const stay = also.map((one) => ({ id: one.id, name: one.name }))
  const document = { [way.kind]: name, change: chosen, differences, changedSince, alsoOfThisApply: stay }
  if (differences.length === 0) {
    await say(talk, `Nothing to do: the files on ${name} are as they were before it.`)
    return { exit: EXIT.ok, document }
  }
  for (const path of changedSince) await say(talk, `Changed since then, by hand or by another change: ${path}`)
  if (wish['dry-run']) {
    await say(talk, `Make it so: ${toHint(wish, chosen.id)}`)
    return { exit: EXIT.differences, document }
  }
  const question = `Put this back on ${name}${talk.session.lab ? ' in the lab' : ''}?`
  await agree({ ...talk, question, yes: wish.yes })
  const notes: string[] = []
  const step = { id: `file-set:${name}/${chosen.name}`, verb: 'update', fields: differences.map(({ field }) => field) }
  const work = { command: wish.command, flags: { ...wish, to: chosen.id }, steps: [step] }
  const { record } = await import('./journal.ts')
  await record(talk, work, () =>
    host.guard.undo(chosen.id, {
      confirmWithinSeconds: seconds,
      note: (text) => {
        notes.push(text)
        void say(talk, `${name}: ${text}`)
      },
      prove: async (fresh) => way.worseBack(before, seen, await way.readNow(fresh, before)),
    }),
  )
  await say(
    talk,
    `Done: ${chosen.name} on ${name} is as it was before ${chosen.id}. The same command undoes that: ${toHint(wish)}`,
  )
  return { exit: EXIT.ok, document: { ...document, notes } }
}

/** The command as it can be typed. */
const toHint = (wish: Undo, id?: string): string =>
  completeHint(`orion ${wish.command}${id === undefined ? '' : ` --to ${id}`}`, wish)

/** Said once: it is interrupted once. */
function withDisruption(all: readonly Difference[], disrupts: string | undefined): readonly Difference[] {
  return disrupts === undefined ? all : all.map((one, at) => (at === 0 ? { ...one, disrupts } : one))
}

async function showWay(
  talk: Talk,
  seconds: number,
  { way: { name }, chosen, also, differences }: Choice & { readonly differences: readonly Difference[] },
): Promise<void> {
  await show(talk, async (look) => {
    const { renderChosen, renderOthers } = await import('../console/guard-table.ts')
    const { renderDifferences } = await import('../console/difference-view.ts')
    const { renderDisruptions } = await import('../console/disruption-view.ts')
    const step = { id: `file-set:${name}/${chosen.name}`, verb: 'update', differences } as const
    const interrupts = renderDisruptions([step], seconds, look)
    const shown = renderDifferences(differences, look, false)
    const head = [renderChosen(name, chosen, Date.now() / 1000, look), ...renderOthers(also, look)]
    return [...head, '', ...shown, ...(interrupts.length > 0 ? ['', ...interrupts] : [])].join('\n')
  })
}

/** An apply changes one set of files after the other: nobody else's changes lie between them, and no set comes twice. */
const SAME_APPLY_SECONDS = 300

function alsoOf(states: readonly GuardState[], chosen: GuardState): readonly GuardState[] {
  if (!/ apply\)$/.test(chosen.by)) return []
  const at = states.indexOf(chosen)
  const [newer, older] = [states.slice(0, at).reverse(), states.slice(at + 1)]
  const names = new Set([chosen.name])
  const run = (list: readonly GuardState[]): GuardState[] => {
    let last = chosen
    const end = list.findIndex((one) => {
      if (one.by !== chosen.by || names.has(one.name) || Math.abs(one.at - last.at) > SAME_APPLY_SECONDS) return true
      last = one
      names.add(one.name)
      return false
    })
    return list.slice(0, end < 0 ? list.length : end).filter(({ state }) => state === 'confirmed')
  }
  return [...run(newer).reverse(), ...run(older)]
}

/** Names of changes after the chosen one that stand, and are of another topic. */
function skippedBy(
  states: readonly GuardState[],
  { isOurs = () => true }: WayBack,
  chosen: GuardState,
): readonly string[] {
  const newer = states
    .slice(0, states.indexOf(chosen))
    .filter(({ state, name }) => state === 'confirmed' && !isOurs(name))
  return [...new Set(newer.map(({ name }) => name))]
}

/** Errors: E_USAGE where there is no such change, or none that can be put back. */
function choose(
  states: readonly GuardState[],
  { name, isOurs = () => true }: WayBack,
  { command, to }: Undo,
): GuardState {
  const chosen = states.find(({ id, name: of, state }) =>
    to === undefined ? state === 'confirmed' && isOurs(of) : id === to,
  )
  const suggestions = [`orion ${command} --list`]
  if (chosen && !isOurs(chosen.name)) {
    const why = `the change ${chosen.id} of ${name} is of another topic: ${chosen.name}, by ${chosen.by}`
    throw new OrionError(`${why}; this undo does not put it back`, { code: 'E_USAGE', suggestions })
  }
  if (!chosen) {
    const what = to === undefined ? 'no confirmed change' : `no change ${to}`
    throw new OrionError(`${name} remembers ${what}, so there is nothing to put back`, { code: 'E_USAGE', suggestions })
  }
  if (chosen.state === 'confirmed') return chosen
  const why = `the change ${chosen.id} of ${name} does not stand: it is ${chosen.state}, so there is nothing to put back`
  throw new OrionError(why, { code: 'E_USAGE', suggestions })
}
