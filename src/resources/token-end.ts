// When the users and tokens end that orion works with. A token may see its own user, with the tokens of that one.
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { tokenId } from './own-token.ts'

export interface SeenEnd {
  /** `orion@pve`, `orion@pve!orion`. */
  readonly name: string
  /** Seconds since the epoch; 0 = never. */
  readonly expire: number
}

interface Row {
  readonly userid: string
  readonly expire?: number
  /** The types of proxmox-api call them a text. */
  readonly tokens?: unknown
}

/** Of orion's own token and its user, and of who we work as, as far as we may see them. One request per cluster. Errors: E_PVE_*. */
export async function tokenEnds(site: Site, node: string, { pve }: Outside): Promise<readonly SeenEnd[]> {
  const cluster = pve.cluster(node)
  const rows: readonly Row[] = await cluster.once('users', () => cluster.api.access.users.$get({ full: true }))
  const wanted = new Set([tokenId(site), await cluster.who()].flatMap((name) => [name, name.replace(/!.*$/, '')]))
  return rows.flatMap(endsOf).filter(({ name }) => wanted.has(name))
}

function endsOf({ userid, expire = 0, tokens }: Row): SeenEnd[] {
  const own = Array.isArray(tokens) ? (tokens as readonly { tokenid: string; expire?: number }[]) : []
  return [
    { name: userid, expire: Number(expire) },
    ...own.map((token) => ({ name: `${userid}!${token.tokenid}`, expire: Number(token.expire ?? 0) })),
  ]
}
