// The nodes beside a gateway that is a node itself: they learn from us by which of their neighbours the mesh is reached.
import type { FileSet } from '../../resources/file-set.ts'
import { NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { getMesh } from './model.ts'
import { meshRoutes, meshRoutesFacts, routeNodes } from './routes.ts'

/** `gateways`: only beside these. The way is shown when the gateway is there. */
export function nearSets(site: Site, gateways?: readonly string[]): readonly FileSet[] {
  const on = getMesh(site).gateways.filter(({ name }) => gateways?.includes(name) ?? true)
  return routeNodes(site).flatMap((node) => {
    const beside = on.filter(({ cluster }) => cluster === node.cluster)
    if (beside.length === 0) return []
    const set = meshRoutes(site, node, wishOf([NODE_NAME, meshRoutesFacts()]))
    const brief = `the way to the mesh by ${beside.map(({ name }) => name).join(', ')}`
    const gates = beside.map(({ name }) => `file-set:${name}/mesh` as const)
    return [{ ...set, brief, needs: [...(set.needs ?? []), ...gates] }]
  })
}
