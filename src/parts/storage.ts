// Storage: every storage of the site file, on every cluster that has one of its nodes.
import { asWanted } from '../probes/as-wanted.ts'
import { storageActive } from '../probes/storage-active.ts'
import type { Part, Probe, Resource } from '../resource.ts'
import { isOn } from '../resources/image-place.ts'
import { storage as storageResource } from '../resources/storage.ts'
import type { Cluster, Node, Site, Storage } from '../site/site.ts'

export const storage: Part = {
  name: 'storage',
  resources: definitions,
  probes: (site): readonly Probe[] => [
    ...definitions(site).map((resource) => asWanted(resource, 'defined as the site file says')),
    ...site.storage.flatMap((wanted) => nodesOf(site, wanted).map((node) => storageActive(node.name, wanted))),
  ],
}

function definitions(site: Site): readonly Resource[] {
  return onClusters(site).map(({ cluster, wanted, first }) => storageResource(cluster.name, wanted, first.name))
}

/** A storage is defined once per cluster; `nodes` is narrowed to the nodes of that cluster. */
function onClusters(site: Site): readonly { cluster: Cluster; wanted: Storage; first: Node }[] {
  return site.clusters.flatMap((cluster) =>
    site.storage.flatMap((wanted) => {
      const here = nodesOf(site, wanted).filter((node) => node.cluster === cluster.name)
      const [first] = here
      if (first === undefined) return []
      const nodes = wanted.nodes.length === 0 ? [] : here.map(({ name }) => name)
      return [{ cluster, wanted: { ...wanted, nodes }, first }]
    }),
  )
}

function nodesOf(site: Site, wanted: Storage): readonly Node[] {
  return site.nodes.filter((node) => isOn(wanted, node.name))
}
