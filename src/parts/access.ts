// Access: the role, user, rights and token that orion makes for itself on every cluster.
import { asWanted } from '../probes/as-wanted.ts'
import { tokenHeld } from '../probes/token-held.ts'
import type { Part, Probe, Resource } from '../resource.ts'
import { acl } from '../resources/acl.ts'
import { apiToken, getRemedy, tokenUse } from '../resources/api-token.ts'
import { tokenId } from '../resources/own-token.ts'
import { role } from '../resources/role.ts'
import { user } from '../resources/user.ts'
import type { Site } from '../site/site.ts'

type Kind = (site: Site, cluster: string, node: string) => Resource

const KINDS: readonly Kind[] = [role, user, acl, apiToken]

export const access: Part = {
  name: 'access',
  resources: (site) => KINDS.flatMap((kind) => onClusters(site, kind)),
  // To orion's own token, which may not look at users, the role says whether the rights really suffice.
  probes: (site) => [
    ...onClusters(site, role).map((resource) => asWanted(resource, 'every privilege that this site needs')),
    ...onClusters(site, user).map((resource) => asWanted(resource, 'there, and enabled')),
    ...onClusters(site, acl).map((resource) => asWanted(resource, 'given on /')),
    ...onClusters(site, apiToken).map((resource) => asWanted(resource, 'there, with the rights of its user')),
    ...onClusters(site, held),
  ],
}

function held(site: Site, cluster: string, node: string): Probe {
  const token = { id: tokenId(site), remedy: getRemedy(site) }
  return tokenHeld(cluster, token, (outside) => tokenUse(site, cluster, node, outside))
}

/** Every cluster is reached over its first node. */
function onClusters<T>(site: Site, kind: (site: Site, cluster: string, node: string) => T): readonly T[] {
  return site.clusters.flatMap(({ name }) => {
    const node = site.nodes.find(({ cluster }) => cluster === name)
    return node === undefined ? [] : [kind(site, name, node.name)]
  })
}
