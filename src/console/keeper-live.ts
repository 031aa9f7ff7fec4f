// `orion keeper status --watch`: what moves of the page.
import { isWell, type KeeperPage, renderKeeper } from './keeper-table.ts'
import { type Live, showLive } from './live-page.ts'
import type { Look } from './paint.ts'

/** Draws `page()` until it is stopped. */
export function showKeeperLive(page: () => KeeperPage): Promise<Live> {
  const states = new Map<string, string>()
  const rows = (look: Look): readonly string[] => renderKeeper(page(), look).split('\n')
  return showLive({
    head: (look) => rows(look)[0] ?? '',
    lines: (look, most) => {
      const lines = rows(look).slice(1)
      if (lines.length <= most) return lines
      return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} lines more`]
    },
    changes: () => changesOf(page(), states),
  })
}

/** A line for each node at first, and then for each that changed since. Keeps in `states` what it told. */
export function changesOf({ nodes }: KeeperPage, states: Map<string, string>): string[] {
  return nodes.flatMap((line) => {
    const { node, status, problem } = line
    const words = problem ? ['does not answer'] : status ? wordsOf(status) : ['no Keeper']
    const state = [...words, ...(isWell(line) ? [] : ['alarm'])].join(', ')
    const before = states.get(node)
    states.set(node, state)
    return before === state ? [] : [`${node} ${before === undefined ? '' : `${before} -> `}${state}`]
  })
}

function wordsOf({ running, state, shed }: NonNullable<KeeperPage['nodes'][number]['status']>): string[] {
  const gone = shed.map(({ name, action }) => `${name} ${action}`)
  return [running ? state : 'does not run', ...gone]
}
