// When a guest was stopped, as the list of tasks remembers it.
import type { Outside } from '../resource.ts'
import type { Guest } from '../site/site.ts'

const STOPS = /^(qm|vz)(stop|shutdown|suspend)$/
const STARTS = /^(qm|vz)(start|reboot|resume)$/

/** Enough to see past a backup or two. */
const MOST = 20

/**
 * `node`: where it is now. ISO 8601; undefined where its last change of power was no task that ended well: then it went down by itself, or nobody remembers.
 * Of others' tasks the API tells nothing to who may not look at the node. Errors: E_PVE_*.
 */
export async function lastStop(
  { vmid, node: home }: Guest,
  node: string,
  { pve }: Outside,
): Promise<string | undefined> {
  const tasks = await pve.cluster(home).api.nodes.$(node).tasks.$get({ vmid, limit: MOST, source: 'archive' })
  const last = tasks.find(({ type }) => STOPS.test(type) || STARTS.test(type))
  if (
    last === undefined ||
    !STOPS.test(last.type) ||
    !/^(OK|WARNINGS)/.test(last.status ?? '') ||
    last.endtime === undefined
  )
    return undefined
  return new Date(1000 * Number(last.endtime)).toISOString()
}
