// `orion mesh status --watch`: what moves of the page.
import { type Live, showLive } from './live-page.ts'
import { renderLinks } from './mesh-links.ts'
import { type MeshPage, renderHead, renderRemarks } from './mesh-table.ts'
import { renderWays } from './mesh-ways.ts'
import type { Look } from './paint.ts'

/** Draws `page()` until it is stopped. */
export function showMeshLive(page: () => MeshPage): Promise<Live> {
  const states = new Map<string, string>()
  return showLive({
    head: (look) => renderHead(page(), look),
    lines: (look, most) => linesOf(page(), look, most),
    changes: () => changesOf(page(), states),
  })
}

/** So many as the terminal has, the ones that are not fresh first, and the ways where there is room for all of them. Pure. */
export function linesOf(page: MeshPage, look: Look, most: number): readonly string[] {
  const remarks = renderRemarks(page.remarks, look)
  const silent = page.gateways.filter(({ problem }) => problem !== undefined).length
  const room = Math.max(3, most - 1 - silent - Math.min(remarks.length, Math.floor(most / 3)) - 1)
  const urgent = page.links.toSorted((one, other) => Number(one.state === 'fresh') - Number(other.state === 'fresh'))
  const hidden = page.links.length - room
  const links = hidden > 0 ? urgent.slice(0, room - 1) : page.links
  const rest = hidden > 0 ? [`and ${page.links.length - links.length} more`] : []
  const table = [...renderLinks({ ...page, links }, look).split('\n'), ...rest]
  const ways = page.ways.length === 0 ? [] : ['', ...renderWays(page, look).split('\n')]
  const shown = table.length + ways.length + remarks.length <= most ? ways : []
  return [...table, ...shown, ...remarks].slice(0, most)
}

/** A line for each link at first, and then for each link and each way that changed since. Keeps in `states` what it told. */
export function changesOf({ links, ways }: Pick<MeshPage, 'links' | 'ways'>, states: Map<string, string>): string[] {
  const change = (name: string, state: string, first: string[]): string[] => {
    const before = states.get(name)
    states.set(name, state)
    if (before === undefined) return first
    return before === state ? [] : [`${name} ${before} -> ${state}`]
  }
  return [
    ...links.flatMap(({ link, state }) => change(link, state, [`${link} ${state}`])),
    ...ways.flatMap((way) => change(`${way.from} to ${way.to}`, wayText(way), [])),
  ]
}

function wayText({ to, now: [next] }: MeshPage['ways'][number]): string {
  if (next === undefined) return 'none'
  return next === to ? 'direct' : `over ${next}`
}
