// The API token that orion itself uses after the first run.
import type { Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { isOwnToken, tokenId } from './own-token.ts'
import { isNotFound } from './shared-reads.ts'

export interface TokenHave {
  readonly privsep: boolean
}

/**
 * The token of the site's user on one cluster. It has the rights of its user (privsep 0): the user exists for this token
 * alone, so a second set of rights for the token would only be a second place where one can be missing.
 * Its secret is told once, by the creation, and kept for the next run. One that exists and whose secret we do not hold is as
 * wanted: it cannot be read again, and replacing it would lock out who holds it.
 */
export function apiToken(site: Site, cluster: string, node: string): Resource<TokenHave> {
  const { user, token: name } = site.access
  return {
    id: `token:${cluster}/${tokenId(site)}`,
    title: tokenId(site),
    needs: [`user:${cluster}/${user}`, `acl:${cluster}/${user}`],
    async observe({ pve }) {
      const target = pve.cluster(node)
      if (await isOwnToken(site, target)) return { privsep: false }
      const tokens = await target
        .once(`tokens:${user}`, () => target.api.access.users.$(user).token.$get())
        .catch(noneWhenNotFound)
      const found = tokens.find(({ tokenid }) => tokenid === name)
      return found && { privsep: Number(found.privsep ?? 1) === 1 }
    },
    diff: (have) => {
      if (have === undefined) return [{ field: 'token', want: tokenId(site) }]
      return have.privsep ? [{ field: 'privsep', have: 'yes', want: 'no' }] : []
    },
    async create({ pve, keep }) {
      const answer = await pve
        .cluster(node)
        .api.access.users.$(user)
        .token.$(name)
        .$post({ privsep: false, comment: 'orion' })
      await keep(cluster, { id: answer['full-tokenid'], secret: answer.value })
    },
    async update({ pve }) {
      await pve.cluster(node).api.access.users.$(user).token.$(name).$put({ privsep: false })
    },
    async remove({ pve }) {
      await pve.cluster(node).api.access.users.$(user).token.$(name).$delete()
    },
  }
}

// The user is not there yet.
function noneWhenNotFound(error: unknown): never[] {
  if (isNotFound(error)) return []
  throw error
}
