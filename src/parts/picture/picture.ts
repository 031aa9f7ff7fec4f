// The site as a picture, before it has a form. Pure.
import type { Site } from '../../site/site.ts'
import type { Group, Picture, Piece, Thing } from './model.ts'
import { drawNode } from './node-frame.ts'
import { drawNetworks, drawOutside } from './surroundings.ts'
import { drawWires } from './wires.ts'
import { count, facts, joined } from './words.ts'

/** What the site file wants, as one picture. Nothing is asked of a host. */
export function getPicture(site: Site): Picture {
  const { wires, things: wired } = drawWires(site)
  const surroundings = [drawOutside(site), drawNetworks(site)].filter(({ drawn }) => drawn.rows.length > 0)
  const clusters = site.clusters.map((cluster) => drawCluster(site, cluster))
  const around: Group = { title: '', notes: [], frames: surroundings.map(({ drawn }) => drawn) }
  const groups = [around, ...clusters.map(({ drawn }) => drawn)].filter(({ frames }) => frames.length > 0)
  const things = [...surroundings, ...clusters].flatMap((piece) => piece.things)
  return { site: site.name, summary: summaryOf(site), things: withBothWays([...things, ...wired]), wires, groups }
}

type Cluster = Site['clusters'][number]

/** Without `clusters` in the site file there is one, of the site's own name, and nothing to be said about it. */
function drawCluster(site: Site, cluster: Cluster): Piece<Group> {
  const nodes = site.nodes.filter((node) => node.cluster === cluster.name)
  const pieces = nodes.map((node) => drawNode(site, node))
  const drawn = pieces.map((piece) => piece.drawn)
  const things = pieces.flatMap((piece) => piece.things)
  if (site.clusters.length === 1 && cluster.name === site.name)
    return { drawn: { title: '', notes: [], frames: drawn }, things }
  const { tier, jurisdiction, powerGrid, isp, location, electricity } = cluster
  const thing: Thing = {
    id: `cluster:${cluster.name}`,
    kind: 'cluster',
    name: cluster.name,
    facts: facts({
      Tier: tier,
      Jurisdiction: jurisdiction,
      'Power grid': powerGrid,
      'Internet providers': joined(isp),
      Location: location?.join(', '),
      'Price per kWh': electricity === undefined ? undefined : String(electricity),
      Nodes: joined(nodes.map(({ name }) => name)),
    }),
    related: nodes.map(({ name }) => `node:${name}`),
  }
  const notes = [jurisdiction, tier, powerGrid, ...isp].filter((note) => note !== undefined)
  return { drawn: { thing: thing.id, title: cluster.name, notes, frames: drawn }, things: [thing, ...things] }
}

function summaryOf({ clusters, nodes, guests, networks, bgp, mesh }: Site): string {
  return [
    ...(clusters.length > 1 ? [count(clusters.length, 'cluster')] : []),
    count(nodes.length, 'node'),
    ...(guests.length > 0 ? [count(guests.length, 'guest')] : []),
    ...(networks.length > 0 ? [count(networks.length, 'network')] : []),
    ...(bgp ? [count(bgp.peers.length, 'BGP peer')] : []),
    ...(mesh ? [count(mesh.gateways.length, 'mesh gateway')] : []),
  ].join(', ')
}

/** Who is related to something is related by it; and only what is in the picture is. */
function withBothWays(things: readonly Thing[]): readonly Thing[] {
  const related = new Map(things.map(({ id }) => [id, new Set<string>()]))
  for (const { id, related: others } of things)
    for (const other of others) {
      if (other === id || !related.has(other)) continue
      related.get(id)?.add(other)
      related.get(other)?.add(id)
    }
  return things.map((thing) => ({ ...thing, related: [...(related.get(thing.id) ?? [])] }))
}
