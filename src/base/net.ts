// What the commands of `orion net` do beside plan and apply: show the interfaces, and undo a guarded change.
import type { NodeLines } from '../console/interface-table.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { GuardState } from '../host/guard.ts'
import type { Host, HostFile, Seen } from '../host/host.ts'
import type { Difference, Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { Session, SiteFlags } from './session.ts'
import { say, show } from './talk.ts'

/** A command that shows pages or gives one JSON document. */
interface Talk {
  readonly session: Session
  readonly json: boolean
  readonly flags: SiteFlags
}

interface Result {
  readonly exit: number
  readonly document: unknown
}

/** Reads and shows the interfaces of these nodes, or of all. Exit 1 where a node could not be read. Errors: E_USAGE for an unknown node. */
export async function showInterfaces(
  { session, json }: Pick<Talk, 'session' | 'json'>,
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
  const { readBefore } = await import('../host/guard-before.ts')
  const before = await readBefore(host, chosen.id)
  const seen = await host.read({ files: before.map(({ path }) => path) })
  const differences = wish.lookBack(before, seen)
  await show(talk, async (look) => {
    const { renderChosen } = await import('../console/guard-table.ts')
    const { renderDifferences } = await import('../console/difference-view.ts')
    const head = renderChosen(wish.node, chosen, Date.now() / 1000, look)
    return [head, '', ...renderDifferences(differences, look, false)].join('\n')
  })
  const document = { node: wish.node, change: chosen, differences }
  if (differences.length === 0) {
    await say(talk, `Nothing to do: the files on ${wish.node} are as they were before it.`)
    return { exit: EXIT.ok, document }
  }
  if (wish['dry-run']) return { exit: EXIT.differences, document }
  await agree(talk, wish)
  const notes: string[] = []
  await host.guard.undo(chosen.id, {
    confirmWithinSeconds: wish['confirm-within'] ?? 60,
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

async function agree({ json, session }: Talk, { node, yes }: Undo): Promise<void> {
  if (yes) return
  if (json) {
    const suggestions = ['add --yes']
    throw new OrionError('--json asks no question, so nothing was changed', { code: 'E_CONFIRM', suggestions })
  }
  const { confirm } = await import('../console/ask.ts')
  const where = session.lab ? `${node} in the lab` : node
  if (await confirm(`Put this back on ${where}?`, { signal: session.outside.signal })) return
  throw new OrionError('nothing was changed', { code: 'E_CONFIRM' })
}
