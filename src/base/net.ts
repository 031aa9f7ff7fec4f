// orion net show: the interfaces of nodes as they are.
import type { NodeLines } from '../console/interface-table.ts'
import { EXIT } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { Session } from './session.ts'
import { show } from './talk.ts'

/** A command that shows pages or gives one JSON document. */
export interface Talk {
  readonly session: Session
  readonly json: boolean
}

export interface Result {
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
