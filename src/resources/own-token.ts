// When orion is connected as the very token that it made: it works, and cannot look at or change users and their rights.
import type { Cluster } from '../pve/pve.ts'
import type { Difference } from '../resource.ts'
import type { Site } from '../site/site.ts'

/** `orion@pve!orion` of the site. */
export function tokenId({ access }: Pick<Site, 'access'>): string {
  return `${access.user}!${access.token}`
}

/** Are we that token? */
export async function isOwnToken(site: Pick<Site, 'access'>, cluster: Cluster): Promise<boolean> {
  await cluster.version() // Only an answered request shows in whose name.
  return (await cluster.who()) === tokenId(site)
}

/** The rights that we really have on `/` and below, whatever they come from: the API says of each whether it propagates. */
export function effectivePrivileges(cluster: Cluster): Promise<ReadonlySet<string>> {
  return cluster.once('permissions', async () => {
    const paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> =
      await cluster.api.access.permissions.$get()
    const found = Object.entries(paths['/'] ?? {}).filter(([, propagates]) => Number(propagates) === 1)
    return new Set(found.map(([privilege]) => privilege))
  })
}

/** Rights that are missing, as a difference that only an administrator can resolve. */
export function missingRights(missing: readonly string[]): Difference[] {
  if (missing.length === 0) return []
  const hint = 'orion bootstrap access gives them, over SSH'
  return [
    { field: 'rights on /', have: `without ${missing.join(', ')}`, want: missing.join(', '), immutable: true, hint },
  ]
}
