// What the commands of `orion net` do beside plan and apply: show the interfaces, and undo a guarded change.
import type { NodeLines } from '../console/interface-table.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { GuardState } from '../host/guard.ts'
import type { Host, HostFile, Seen } from '../host/host.ts'
import type { Difference, Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import { CONFIRM_SECONDS } from './flags.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { Session } from './session.ts'
import { say, show } from './talk.ts'

/** A command that shows pages or gives one JSON document. */
interface Talk {
  readonly session: Session
  readonly json: boolean
}

interface Result {
  readonly exit: number
  readonly document: unknown
}

/** Reads and shows the interfaces of these nodes, or of all. Exit 1 where a node could not be read. Errors: E_USAGE for an unknown node. */
export async function showInterfaces(
  { session, json }: Talk,
  names: readonly string[] | undefined,
  list: (site: Site, outside: Outside, names?: readonly string[]) => Promise<readonly NodeLines[]>,
): Promise<Result> {
  refuseUnknownNodes(session.site, names)
  const nodes = await list(session.site, session.outside, names)
  await show({ json }, async (look) => (await import('../console/interface-table.ts')).renderInterfaces(nodes, look))
  const failed = nodes.some(({ problem }) => problem !== undefined)
  return { exit: failed ? EXIT.failed : EXIT.ok, document: { site: session.site.name, nodes } }
}

export interface Undo {
  /** Name of the node. */
  readonly node: string
  /** The change to put back; default: the newest one that was confirmed. */
  readonly to?: string | undefined
  readonly list: boolean
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly 'confirm-within'?: number | undefined
  /** From the files as they are to the files as they were. */
  readonly lookBack: (before: readonly HostFile[], now: Seen) => readonly Difference[]
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
    return await putBack(talk, wish, host, chosen)
  } finally {
    await lock.release()
  }
}

async function putBack(talk: Talk, wish: Undo, host: Host, chosen: GuardState): Promise<Result> {
  const { readSides } = await import('../host/guard-before.ts')
  const { before, after } = await readSides(host, chosen.id)
  const seen = await host.read({ files: before.map(({ path }) => path) })
  const differences = wish.lookBack(before, seen)
  const changedSince = after.filter((file) => wish.lookBack([file], seen).length > 0).map(({ path }) => path)
  await show(talk, async (look) => {
    const { renderChosen } = await import('../console/guard-table.ts')
    const { renderDifferences } = await import('../console/difference-view.ts')
    const head = renderChosen(wish.node, chosen, Date.now() / 1000, look)
    return [head, '', ...renderDifferences(differences, look, false)].join('\n')
  })
  const document = { node: wish.node, change: chosen, differences, changedSince }
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
    prove: async () => [],
  })
  await say(talk, `Done: ${chosen.name} on ${wish.node} is as it was before ${chosen.id}.`)
  return { exit: EXIT.ok, document: { ...document, notes } }
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
