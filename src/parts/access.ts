// Access: the role, user, rights and token that orion makes for itself on every cluster.
import { asWanted } from '../probes/as-wanted.ts'
import { tokenEnd } from '../probes/token-end.ts'
import { tokenHeld } from '../probes/token-held.ts'
import type { Part, Probe, Resource } from '../resource.ts'
import { acl } from '../resources/acl.ts'
import { apiToken, getRemedy, type TokenOptions, tokenUse } from '../resources/api-token.ts'
import { tokenId } from '../resources/own-token.ts'
import { role } from '../resources/role.ts'
import { tokenEnds } from '../resources/token-end.ts'
import { user } from '../resources/user.ts'
import type { Site } from '../site/site.ts'

type Kind = (site: Site, cluster: string, node: string) => Resource

export interface AccessOptions extends TokenOptions {
  /** Only these clusters; default all. */
  readonly clusters?: readonly string[]
}

/** The same for some clusters only, or with the secret of the token made anew. */
export function accessOf(options: AccessOptions): Part {
  const token: Kind = (site, cluster, node) => apiToken(site, cluster, node, options)
  const kinds: readonly Kind[] = [role, user, acl, token]
  return {
    name: 'access',
    resources: (site) => kinds.flatMap((kind) => onClusters(narrow(site, options), kind)),
    // To orion's own token, which may not look at users, the role says whether the rights really suffice.
    probes: (all) => {
      const site = narrow(all, options)
      return [
        ...onClusters(site, role).map((resource) => asWanted(resource, 'every privilege that this site needs')),
        ...onClusters(site, user).map((resource) => asWanted(resource, 'there, and enabled')),
        ...onClusters(site, acl).map((resource) => asWanted(resource, 'given on /')),
        ...onClusters(site, apiToken).map((resource) => asWanted(resource, 'there, with the rights of its user')),
        ...onClusters(site, held),
        ...onClusters(site, end),
      ]
    },
  }
}

export const access: Part = accessOf({})

function narrow(site: Site, { clusters }: AccessOptions): Site {
  return clusters === undefined
    ? site
    : { ...site, clusters: site.clusters.filter(({ name }) => clusters.includes(name)) }
}

function held(site: Site, cluster: string, node: string): Probe {
  const token = { id: tokenId(site), remedy: getRemedy(site, node) }
  return tokenHeld(cluster, token, (outside) => tokenUse(site, cluster, node, outside))
}

const end = (site: Site, cluster: string, node: string): Probe =>
  tokenEnd(cluster, tokenId(site), (outside) => tokenEnds(site, node, outside))

/** Every cluster is reached over its first node. */
function onClusters<T>(site: Site, kind: (site: Site, cluster: string, node: string) => T): readonly T[] {
  return site.clusters.flatMap(({ name }) => {
    const node = site.nodes.find(({ cluster }) => cluster === name)
    return node === undefined ? [] : [kind(site, name, node.name)]
  })
}
