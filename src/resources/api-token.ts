// The API token that orion itself uses after the first run.
import { OrionError } from '../errors.ts'
import type { Difference, Outside, Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { isOwnToken, tokenId } from './own-token.ts'
import { clusterUser } from './shared-reads.ts'

export interface TokenHave {
  readonly privsep: boolean
  /** `unknown`: nobody says whether it is kept, or it does not matter; `new`: made by this run. */
  readonly secret: 'unknown' | 'kept' | 'missing' | 'new'
}

export interface TokenOptions {
  /** Make its secret anew: who holds the old one is locked out. */
  readonly renew?: boolean
}

/** Clusters whose secret this process was told and has kept. */
const KEPT = new WeakMap<Outside['pve'], Set<string>>()

/**
 * The token of the site's user on one cluster. It has the rights of its user (privsep 0): the user exists for this token
 * alone, so a second set of rights for the token would only be a second place where one can be missing.
 * Its secret is told once, by the creation, and kept for the next run. One that exists and whose secret is not kept is as
 * wanted, unless `outside.kept` asks: it cannot be read again, and replacing it locks out who holds it.
 */
export function apiToken(
  site: Site,
  cluster: string,
  node: string,
  { renew = false }: TokenOptions = {},
): Resource<TokenHave> {
  const { user, token: name } = site.access
  const tokenOf = (pve: Outside['pve']) => pve.cluster(node).api.access.users.$(user).token.$(name)
  return {
    id: `token:${cluster}/${tokenId(site)}`,
    title: tokenId(site),
    needs: [`user:${cluster}/${user}`, `acl:${cluster}/${user}`],
    async observe(outside) {
      const target = outside.pve.cluster(node)
      if (await isOwnToken(site, target)) return { privsep: false, secret: 'unknown' }
      const found = (await clusterUser(target, user))?.tokens.get(name)
      return found && { ...found, secret: await secretOf(site, cluster, outside) }
    },
    diff: (have) => {
      if (have === undefined) return [{ field: 'token', want: tokenId(site) }]
      const privsep = have.privsep ? [{ field: 'privsep', have: 'yes', want: 'no' }] : []
      return [...privsep, ...diffSecret(have, { renew, hint: renewHint(site, node) })]
    },
    create: (outside) => makeToken(site, cluster, node, outside),
    async update(outside, have) {
      // Versions before 9.2 cannot make a secret anew in its place. Nothing else hangs on the token: its rights are its user's.
      if (diffSecret(have, { renew }).length > 0) {
        await tokenOf(outside.pve).$delete()
        await makeToken(site, cluster, node, outside)
      } else await tokenOf(outside.pve).$put({ privsep: false })
    },
    async remove({ pve }) {
      await tokenOf(pve).$delete()
    },
  }
}

async function makeToken(site: Site, cluster: string, node: string, { pve, keep }: Outside): Promise<void> {
  const { user, token: name } = site.access
  const tokens = pve.cluster(node).api.access.users.$(user).token
  const token = tokens.$(name)
  const answer = await token.$post({ privsep: false, comment: 'orion' }).catch(async (error: unknown) => {
    if (!(error instanceof OrionError && LOST.has(error.code))) throw error
    const found = await tokens.$get()
    // Not made: it may be tried again. Made: nobody will ever be told its secret.
    throw found.some(({ tokenid }) => tokenid === name) ? secretLost(site, { cluster, node }, error) : error
  })
  try {
    await keep(cluster, { id: answer['full-tokenid'], secret: answer.value })
  } catch (error) {
    await token.$delete().catch(() => undefined) // Without its secret it would only be in the way of the next run.
    throw error
  }
  KEPT.set(pve, (KEPT.get(pve) ?? new Set()).add(cluster))
}

/** Sent, and no answer: over HTTP, or over SSH. */
const LOST: ReadonlySet<string> = new Set(['E_PVE_LOST', 'E_HOST_LOST', 'E_HOST_TIMEOUT'])

async function secretOf(site: Site, cluster: string, { pve, kept }: Outside): Promise<TokenHave['secret']> {
  if (KEPT.get(pve)?.has(cluster)) return 'new'
  if (kept === undefined) return 'unknown'
  return (await kept(cluster)) === tokenId(site) ? 'kept' : 'missing'
}

function diffSecret(
  { secret }: TokenHave,
  { renew, hint = '' }: { renew: boolean; hint?: string },
): readonly Difference[] {
  if (renew) {
    return secret === 'new'
      ? []
      : [{ field: 'secret', have: secret === 'missing' ? 'not kept' : 'kept', want: 'a new one' }]
  }
  if (secret !== 'missing') return []
  return [{ field: 'secret', have: 'not kept here', want: 'kept', immutable: true, hint }]
}

const renewHint = (site: Site, node: string) =>
  `make it anew: ${renewal(site, node)} (who holds the old one is locked out), or copy the credentials of who made it`

/** Of this cluster alone: the tokens of the others may be well kept, here and by others. */
function renewal({ clusters }: Site, node: string): string {
  return `orion bootstrap access --renew${clusters.length > 1 ? ` --node ${node}` : ''}`
}

function secretLost(site: Site, { cluster, node }: { cluster: string; node: string }, cause: OrionError): OrionError {
  return new OrionError(
    `${tokenId(site)} of ${cluster} was made, and its secret is lost: the connection broke before the answer, and Proxmox VE tells a secret only once`,
    { code: 'E_PVE_LOST', suggestions: [getRemedy(site, node)], cause },
  )
}

/** What makes a token with a secret that we know. */
export function getRemedy(site: Site, node: string): string {
  return `make its secret anew: ${renewal(site, node)}`
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
