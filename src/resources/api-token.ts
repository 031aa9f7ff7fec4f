// The API token that orion itself uses after the first run.
import { OrionError } from '../errors.ts'
import type { Outside, Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { isOwnToken, tokenId } from './own-token.ts'
import { clusterUser } from './shared-reads.ts'

export interface TokenHave {
  readonly privsep: boolean
}

/** Clusters whose secret this process was told and has kept. */
const KEPT = new WeakMap<Outside['pve'], Set<string>>()

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
      return (await clusterUser(target, user))?.tokens.get(name)
    },
    diff: (have) => {
      if (have === undefined) return [{ field: 'token', want: tokenId(site) }]
      return have.privsep ? [{ field: 'privsep', have: 'yes', want: 'no' }] : []
    },
    async create({ pve, keep }) {
      const tokens = pve.cluster(node).api.access.users.$(user).token
      const token = tokens.$(name)
      const answer = await token.$post({ privsep: false, comment: 'orion' }).catch(async (error: unknown) => {
        if (!(error instanceof OrionError && error.code === 'E_PVE_LOST')) throw error
        const found = await tokens.$get()
        // Not made: it may be tried again. Made: nobody will ever be told its secret.
        throw found.some(({ tokenid }) => tokenid === name) ? secretLost(site, cluster, error) : error
      })
      try {
        await keep(cluster, { id: answer['full-tokenid'], secret: answer.value })
      } catch (error) {
        await token.$delete().catch(() => undefined) // Without its secret it would only be in the way of the next run.
        throw error
      }
      KEPT.set(pve, (KEPT.get(pve) ?? new Set()).add(cluster))
    },
    async update({ pve }) {
      await pve.cluster(node).api.access.users.$(user).token.$(name).$put({ privsep: false })
    },
    async remove({ pve }) {
      await pve.cluster(node).api.access.users.$(user).token.$(name).$delete()
    },
  }
}

function secretLost(site: Site, cluster: string, cause: OrionError): OrionError {
  return new OrionError(
    `${tokenId(site)} of ${cluster} was made, and its secret is lost: the connection broke before the answer, and Proxmox VE tells a secret only once`,
    { code: 'E_PVE_LOST', suggestions: [getRemedy(site)], cause },
  )
}

/** What makes a token with a secret that we know. */
export function getRemedy({ access }: Pick<Site, 'access'>): string {
  return `remove it (pveum user token remove ${access.user} ${access.token}), then run orion bootstrap again: it makes a new one`
}

export interface TokenUse {
  /** Who we work as. */
  readonly who: string
  /** Can the next run work without an administrator? */
  readonly held: boolean
}

/**
 * Who we work as at a cluster, and whether orion's own token can be used from here on: we are it, we have just kept it, or
 * the site file names another one. Kept credentials come before those of the environment, so any other token means that there are none.
 */
export async function tokenUse(site: Site, cluster: string, node: string, { pve }: Outside): Promise<TokenUse> {
  const who = await pve.cluster(node).who()
  const named = site.nodes.some((one) => one.cluster === cluster && one.api.token !== undefined)
  return { who, held: named || who === tokenId(site) || (KEPT.get(pve)?.has(cluster) ?? false) }
}
