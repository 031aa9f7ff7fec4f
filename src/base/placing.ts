// Where a check belongs: the part that it is of, and the nodes that it looks at, read from its id.
import type { PlacedProbe } from '../engine/verify.ts'
import type { Part } from '../resource.ts'
import type { Site } from '../site/site.ts'

/** The checks of these parts, each with its part and place; with `nodes` only those that look at one of them. */
export function placeProbes(site: Site, parts: readonly Part[], nodes?: readonly string[]): readonly PlacedProbe[] {
  const nodesAt = makeFinder(site)
  return parts.flatMap((part) =>
    part.probes(site).flatMap((probe): PlacedProbe[] => {
      const [name, at] = nodesAt(probe.id)
      if (nodes !== undefined && !at.some((node) => nodes.includes(node))) return []
      return [{ ...probe, part: part.name, ...(name === undefined ? {} : { place: name }) }]
    }),
  )
}

type Found = readonly [place: string | undefined, nodes: readonly string[]]

/** `as-wanted:vm:r730/200`, `bgp-session:router/upstream` (a guest), `token-held:vancouver/…` (a cluster), `tunnel:fra-1~kel-1` (two ends). */
function makeFinder(site: Site): (id: string) => Found {
  const known = new Map<string, Found>()
  for (const { name } of site.clusters)
    known.set(name, [name, site.nodes.filter(({ cluster }) => cluster === name).map((node) => node.name)])
  for (const { name, node } of site.guests) known.set(name, [node, [node]])
  for (const { name } of site.nodes) known.set(name, [name, [name]])
  return (id) => {
    const own = id.replace(/^as-wanted:/, '')
    const ends = own
      .slice(own.indexOf(':') + 1)
      .replace(/\/.*$/s, '')
      .split('~')
    const found = ends.map((end): Found => known.get(end) ?? [undefined, []])
    const [[place] = [undefined]] = found
    return [found.every(([other]) => other === place) ? place : undefined, found.flatMap(([, nodes]) => nodes)]
  }
}
