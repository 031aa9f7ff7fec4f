// Nodes: nothing to make yet, and the first thing to prove: members, certificates, condition, majority, and what was forgotten there.
import { certificate } from '../probes/certificate.ts'
import { clusterCondition } from '../probes/cluster-condition.ts'
import { noLeftTopics } from '../probes/left-topics.ts'
import { nodeCondition } from '../probes/node-condition.ts'
import { nodeOnline } from '../probes/node-online.ts'
import type { Outside, Part, Probe } from '../resource.ts'
import type { Node, Site } from '../site/site.ts'
import { gpuOf } from './gpu.ts'
import { keeperOf } from './keeper.ts'
import { netOf } from './net.ts'
import { leftTopics } from './node/left.ts'
import { lookAtNode, type NodeLook } from './node/look.ts'

export const node: Part = {
  name: 'node',
  resources: () => [],
  probes: (site) => [
    ...site.nodes.flatMap((one) => [nodeOnline(one.name), certificate(one.name), ...conditionOf(site, one)]),
    ...site.clusters.flatMap(({ name }) => majorityOf(site, name)),
  ],
}

/** Only of a node that is asked over SSH anyway: nobody pays a connection for this alone. */
const isAsked = (site: Site, { name }: Node): boolean =>
  netOf({ nodes: [name] }).resources(site, { restart: false }).length > 0

function conditionOf(site: Site, one: Node): readonly Probe[] {
  if (!isAsked(site, one)) return []
  const { name } = one
  const look = (outside: Outside) => lookAtNode(name, outside)
  const wanted = idsOn(site, name)
  const left = async (outside: Outside) => {
    const seen = await look(outside)
    return seen && leftTopics(name, wanted, seen.files)
  }
  return [...nodeCondition(name, look), noLeftTopics(name, left)]
}

/** What the site file wants of the node itself. */
function idsOn(site: Site, name: string): ReadonlySet<string> {
  const nodes = [name]
  const parts = [netOf({ nodes }), keeperOf({ nodes }), gpuOf({ nodes, reboot: 'never' })]
  return new Set(parts.flatMap((part) => part.resources(site, { restart: false }).map(({ id }) => id)))
}

/** A node alone has no majority to lose. */
function majorityOf(site: Site, cluster: string): readonly Probe[] {
  const nodes = site.nodes.filter((one) => one.cluster === cluster)
  const asked = nodes.filter((one) => isAsked(site, one)).map(({ name }) => name)
  return nodes.length > 1 && asked.length > 0 ? clusterCondition(cluster, (outside) => firstOf(asked, outside)) : []
}

/** The first that answers. Errors: those of the last one. */
async function firstOf([name, ...others]: readonly string[], outside: Outside): Promise<NodeLook | undefined> {
  if (name === undefined) return undefined
  try {
    return await lookAtNode(name, outside)
  } catch (error) {
    if (others.length === 0 || outside.signal.aborted) throw error
    return firstOf(others, outside)
  }
}
