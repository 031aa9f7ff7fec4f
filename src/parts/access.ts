// Access: the role, user, rights and token that orion makes for itself on every cluster.
import { asWanted } from '../probes/as-wanted.ts'
import type { Part, Resource } from '../resource.ts'
import { acl } from '../resources/acl.ts'
import { apiToken } from '../resources/api-token.ts'
import { role } from '../resources/role.ts'
import { user } from '../resources/user.ts'
import type { Site } from '../site/site.ts'

type Kind = (site: Site, cluster: string, node: string) => Resource

const KINDS: readonly Kind[] = [role, user, acl, apiToken]

export const access: Part = {
  name: 'access',
  resources: (site) => KINDS.flatMap((kind) => onClusters(site, kind)),
  // The role says whether the rights suffice, also to orion's own token.
  probes: (site) =>
    onClusters(site, role).map((resource) => asWanted(resource, 'every privilege that this site needs')),
}

/** Every cluster is reached over its first node. */
function onClusters(site: Site, kind: Kind): readonly Resource[] {
  return site.clusters.flatMap(({ name }) => {
    const node = site.nodes.find(({ cluster }) => cluster === name)
    return node === undefined ? [] : [kind(site, name, node.name)]
  })
}
