// orion mesh status: every gateway is asked at once, and whoever does not answer is told like everything else.
import type { MeshPage } from '../console/mesh-table.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'
import { show } from './talk.ts'
import { watch } from './watch.ts'

/** The gateways' side of it (parts/mesh/status-page.ts). */
export interface StatusView {
  readonly names: readonly string[]
  look(name: string, wish: { readonly pings: number; readonly probe: boolean }): Promise<void>
  page(): MeshPage
}

export interface StatusWish extends SiteFlags {
  readonly gateway?: string | undefined
  readonly watch: boolean
  readonly open: (site: Site, outside: Outside, gateway?: string) => StatusView
}

/** Connections at once; each is one program that mostly waits. */
const AT_ONCE = 32
const PINGS = 5

/** Shows the links and ways, once or until Ctrl-C. Exit 3 where not every link is fresh, or anything else is wrong. Errors: E_USAGE. */
export async function showStatus(talk: Talk, wish: StatusWish): Promise<Result> {
  const { session, json } = talk
  if (wish.watch && json)
    throw new OrionError('--watch has no end, and --json is one document', {
      code: 'E_USAGE',
      suggestions: ['leave one of them out'],
    })
  const view = wish.open(session.site, session.outside, wish.gateway)
  const state = makeState(view, wish)
  const round = await startRounds(talk)
  if (wish.watch) {
    const { showMeshLive } = await import('../console/mesh-live.ts')
    await watch(talk, {
      names: view.names,
      show: () => showMeshLive(state.page),
      look: (name) => round(() => state.look(name, { pings: 2, probe: false })),
    })
  } else {
    await Promise.all(view.names.map((name) => round(() => state.look(name, { pings: PINGS, probe: true }))))
  }
  const page = state.page()
  await show({ json }, async (look) => (await import('../console/mesh-table.ts')).renderMesh(page, look))
  return { exit: isWell(page) ? EXIT.ok : EXIT.differences, document: page }
}

type Round = (work: () => Promise<void>) => Promise<void>

async function startRounds({ session }: Talk): Promise<Round> {
  const { makeLimit } = await import('../engine/limit.ts')
  const limit = makeLimit({ concurrency: AT_ONCE, signal: session.outside.signal })
  return (work) => limit.run(undefined, work)
}

type Problem = NonNullable<MeshPage['gateways'][number]['problem']>

/** What was seen so far, and who did not answer. */
function makeState(view: StatusView, flags: SiteFlags) {
  const problems = new Map<string, Problem>()
  const complete = (text: string) => completeHint(text, flags)
  return {
    look: async (name: string, wish: Parameters<StatusView['look']>[1]): Promise<void> => {
      try {
        await view.look(name, wish)
        problems.delete(name)
      } catch (error) {
        if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
        const { message, suggestions } = error
        problems.set(name, { message, suggestions: suggestions.map(complete) })
      }
    },
    page: (): MeshPage => {
      const page = view.page()
      const gateways = page.gateways.map((line) => ({ ...line, ...problemOf(problems.get(line.name)) }))
      const remarks = page.remarks.map(({ hint, ...rest }) =>
        hint === undefined ? rest : { ...rest, hint: complete(hint) },
      )
      return { ...page, gateways, remarks }
    },
  }
}

const problemOf = (problem: Problem | undefined) => (problem === undefined ? {} : { problem })

function isWell({ links, gateways, remarks }: MeshPage): boolean {
  return (
    links.every(({ state }) => state === 'fresh') &&
    gateways.every(({ problem }) => problem === undefined) &&
    remarks.every(({ kind }) => kind !== 'wrong')
  )
}
