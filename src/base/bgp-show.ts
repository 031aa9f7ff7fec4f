// orion bgp show: the sessions of the router as they are.
import type { DetailedPeer } from '../console/bgp-session-view.ts'
import type { PageLines } from '../console/bgp-table.ts'
import { EXIT } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { Result, Talk } from './net.ts'
import { show } from './talk.ts'

export interface BgpLines extends PageLines {
  readonly peers: readonly DetailedPeer[]
}

/** Shows all sessions, or one in full. Exit 3 where one of them is not established. Errors: those of `read`. */
export async function showSessions(
  { session, json }: Talk,
  peer: string | undefined,
  read: (site: Site, outside: Outside, peer?: string) => Promise<BgpLines>,
): Promise<Result> {
  const page = await read(session.site, session.outside, peer)
  await show({ json }, async (look) => {
    const [one] = page.peers
    if (peer !== undefined && one)
      return (await import('../console/bgp-session-view.ts')).renderSession(page, one, look)
    return (await import('../console/bgp-table.ts')).renderBgp(page, look)
  })
  const down = page.peers.some(({ state }) => state !== 'Established')
  return { exit: down ? EXIT.differences : EXIT.ok, document: { site: session.site.name, ...page } }
}
