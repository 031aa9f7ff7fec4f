// orion keeper status: every node is asked at once, and whoever does not answer is told like everything else.
import type { KeeperPage } from '../console/keeper-table.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { SiteFlags } from './session.ts'
import { show } from './talk.ts'
import { watch } from './watch.ts'

/** The nodes' side of it (parts/keeper/status.ts). */
export interface StatusView {
  readonly names: readonly string[]
  look(name: string): Promise<void>
  page(): KeeperPage
}

export interface StatusWish extends SiteFlags {
  readonly node?: readonly string[] | undefined
  readonly watch: boolean
  readonly open: (site: Site, outside: Outside, nodes?: readonly string[]) => StatusView
}

/** Connections at once. */
const AT_ONCE = 32

/** Shows the Keepers, once or until Ctrl-C. Exit 3 where one raises an alarm, does not run, or does not answer. Errors: E_USAGE. */
export async function showStatus(talk: Talk, wish: StatusWish, everyMs?: number): Promise<Result> {
  const { session, json } = talk
  if (wish.watch && json)
    throw new OrionError('--watch has no end, and --json is one document', {
      code: 'E_USAGE',
      suggestions: ['leave one of them out'],
    })
  refuseUnknownNodes(session.site, wish.node)
  const view = wish.open(session.site, session.outside, wish.node)
  const state = makeState(view, wish)
  const { makeLimit } = await import('../engine/limit.ts')
  const limit = makeLimit({ concurrency: AT_ONCE, signal: session.outside.signal })
  const look = (name: string) => limit.run(undefined, () => state.look(name))
  if (wish.watch) {
    const { showKeeperLive } = await import('../console/keeper-live.ts')
    await watch(talk, { names: view.names, show: () => showKeeperLive(state.page), look, everyMs })
  } else await Promise.all(view.names.map(look))
  const page = state.page()
  await show({ json }, async (as) => (await import('../console/keeper-table.ts')).renderKeeper(page, as))
  const { isWell } = await import('../console/keeper-table.ts')
  return { exit: page.nodes.every(isWell) ? EXIT.ok : EXIT.differences, document: page }
}

type Problem = NonNullable<KeeperPage['nodes'][number]['problem']>

/** What was seen so far, and who did not answer. */
function makeState(view: StatusView, flags: SiteFlags) {
  const problems = new Map<string, Problem>()
  const complete = (text: string) => completeHint(text, flags)
  return {
    look: async (name: string): Promise<void> => {
      try {
        await view.look(name)
        problems.delete(name)
      } catch (error) {
        if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
        const { message, suggestions } = error
        problems.set(name, { message, suggestions: suggestions.map(complete) })
      }
    },
    page: (): KeeperPage => {
      const page = view.page()
      const nodes = page.nodes.map((line) => {
        const problem = problems.get(line.node)
        const hint = line.watchdog?.hint
        const watchdog = line.watchdog && { ...line.watchdog, ...(hint === undefined ? {} : { hint: complete(hint) }) }
        return { ...line, ...(watchdog && { watchdog }), ...(problem && { problem }) }
      })
      return { ...page, nodes }
    },
  }
}
