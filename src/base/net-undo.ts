// orion net undo: what a host remembers, what would go back and what that interrupts, asked and done under the guard.
import { EXIT, OrionError } from '../errors.ts'
import type { GuardState } from '../host/guard.ts'
import type { Host, HostFile, Seen } from '../host/host.ts'
import type { Difference } from '../resource.ts'
import type { Node, Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import { CONFIRM_SECONDS } from './flags.ts'
import type { Result, Talk } from './net.ts'
import { refuseUnknownNodes } from './selection.ts'
import { say, show } from './talk.ts'

export interface Undo {
  /** Name of the node. */
  readonly node: string
  /** The change to put back; default: the newest one that was confirmed. */
  readonly to?: string | undefined
  readonly list: boolean
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly 'confirm-within'?: number | undefined
  readonly way: WayBack
}

/** What the files mean to the host (parts/net-undo.ts): `before` as they were, `now` and `after` as they are. */
export interface WayBack {
  readonly lookBack: (before: readonly HostFile[], now: Seen) => readonly Difference[]
  readonly readNow: (host: Host, node: Node, before: readonly HostFile[]) => Promise<Seen>
  /** What it interrupts; undefined = nothing. */
  readonly disruptsBack: (node: Node, before: readonly HostFile[], now: Seen) => string | undefined
  /** What does not stand after it; [] = keep it so. */
  readonly worseBack: (node: Node, before: readonly HostFile[], now: Seen, after: Seen) => readonly string[]
}

/**
 * Shows what the host remembers and what would go back, asks, and lets the host's guard do it. Errors: E_USAGE for an unknown
 * node or change, E_CONFIRM, E_LOCKED, and those of the guard, which end with exit code 4.
 */
export async function undo(talk: Talk, wish: Undo): Promise<Result> {
  const { session, json } = talk
  refuseUnknownNodes(session.site, [wish.node])
  const host = await session.outside.host(wish.node)
  const states = await host.guard.states()
  const now = Date.now() / 1000
  await show({ json }, async (look) => (await import('../console/guard-table.ts')).renderChanges(states, now, look))
  if (wish.list) return { exit: EXIT.ok, document: { node: wish.node, states } }
  const chosen = choose(states, wish)
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: `net undo ${wish.node}` })
  try {
    return await putBack(talk, wish, host, { chosen, also: alsoOf(states, chosen) })
  } finally {
    await lock.release()
  }
}

interface Choice {
  readonly chosen: GuardState
  /** Other changes of the same apply, which stay. */
  readonly also: readonly GuardState[]
}

async function putBack(talk: Talk, wish: Undo, host: Host, { chosen, also }: Choice): Promise<Result> {
  const { way } = wish
  const node = nodeOf(talk.session.site, wish.node)
  const { readSides } = await import('../host/guard-before.ts')
  const { before, after } = await readSides(host, chosen.id)
  const seen = await way.readNow(host, node, before)
  const differences = withDisruption(way.lookBack(before, seen), way.disruptsBack(node, before, seen))
  const changedSince = after.filter((file) => way.lookBack([file], seen).length > 0).map(({ path }) => path)
  await showWay(talk, wish, { chosen, also, differences })
  const stay = also.map(({ id, name }) => ({ id, name }))
  const document = { node: wish.node, change: chosen, differences, changedSince, alsoOfThisApply: stay }
  if (differences.length === 0) {
    await say(talk, `Nothing to do: the files on ${wish.node} are as they were before it.`)
    return { exit: EXIT.ok, document }
  }
  for (const path of changedSince) await say(talk, `Changed since then, by hand or by another change: ${path}`)
  if (wish['dry-run']) return { exit: EXIT.differences, document }
  const question = `Put this back on ${wish.node}${talk.session.lab ? ' in the lab' : ''}?`
  await agree({ ...talk, question, yes: wish.yes })
  const notes: string[] = []
  await host.guard.undo(chosen.id, {
    confirmWithinSeconds: wish['confirm-within'] ?? CONFIRM_SECONDS,
    note: (text) => {
      notes.push(text)
      void say(talk, `${wish.node}: ${text}`)
    },
    prove: async (fresh) => way.worseBack(node, before, seen, await way.readNow(fresh, node, before)),
  })
  await say(talk, `Done: ${chosen.name} on ${wish.node} is as it was before ${chosen.id}.`)
  return { exit: EXIT.ok, document: { ...document, notes } }
}

function nodeOf(site: Site, name: string): Node {
  const node = site.nodes.find((one) => one.name === name)
  if (!node) throw new OrionError(`no node named ${name}`, { code: 'E_USAGE' })
  return node
}

/** Said once: it is interrupted once. */
function withDisruption(all: readonly Difference[], disrupts: string | undefined): readonly Difference[] {
  return disrupts === undefined ? all : all.map((one, at) => (at === 0 ? { ...one, disrupts } : one))
}

async function showWay(
  talk: Talk,
  { node, 'confirm-within': seconds = CONFIRM_SECONDS }: Undo,
  { chosen, also, differences }: Choice & { readonly differences: readonly Difference[] },
): Promise<void> {
  await show(talk, async (look) => {
    const { renderChosen, renderOthers } = await import('../console/guard-table.ts')
    const { renderDifferences } = await import('../console/difference-view.ts')
    const { renderDisruptions } = await import('../console/disruption-view.ts')
    const step = { id: `file-set:${node}/${chosen.name}`, verb: 'update', differences } as const
    const interrupts = renderDisruptions([step], seconds, look)
    const shown = renderDifferences(differences, look, false)
    const head = [renderChosen(node, chosen, Date.now() / 1000, look), ...renderOthers(also, look)]
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

/** Errors: E_USAGE where there is no such change, or none that can be put back. */
function choose(states: readonly GuardState[], { node, to }: Undo): GuardState {
  const chosen = states.find(({ id, state }) => (to === undefined ? state === 'confirmed' : id === to))
  const suggestions = [`orion net undo ${node} --list`]
  if (!chosen) {
    const what = to === undefined ? 'no confirmed change' : `no change ${to}`
    throw new OrionError(`${node} remembers ${what}, so there is nothing to put back`, { code: 'E_USAGE', suggestions })
  }
  if (chosen.state === 'confirmed') return chosen
  const why = `the change ${chosen.id} of ${node} does not stand: it is ${chosen.state}, so there is nothing to put back`
  throw new OrionError(why, { code: 'E_USAGE', suggestions })
}
