// The entry that gives orion's user its role on the whole cluster.
import type { Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { isOwnToken } from './own-token.ts'

export interface AclHave {
  readonly propagate: boolean
}

/** The site's entry on `/` of one cluster; `node` says over which node it is reached. */
export function acl(site: Site, cluster: string, node: string): Resource<AclHave> {
  const { user, role } = site.access
  const entry = { path: '/', roles: role, users: user, propagate: true }
  return {
    id: `acl:${cluster}/${user}`,
    title: `${user} as ${role}`,
    needs: [`role:${cluster}/${role}`, `user:${cluster}/${user}`],
    async observe({ pve }) {
      const target = pve.cluster(node)
      // Orion's own token sees no entries; whether its rights suffice, the role says (role.ts).
      if (await isOwnToken(site, target)) return { propagate: true }
      const entries = await target.once('acl', () => target.api.access.acl.$get())
      const found = entries.find(
        ({ path, type, ugid, roleid }) => path === '/' && type === 'user' && ugid === user && roleid === role,
      )
      return found && { propagate: Number(found.propagate ?? 1) === 1 }
    },
    diff: (have) => {
      if (have === undefined) return [{ field: 'on /', want: role }]
      return have.propagate ? [] : [{ field: 'propagate', have: 'no', want: 'yes' }]
    },
    async create({ pve }) {
      await pve.cluster(node).api.access.acl.$put(entry)
    },
    async update({ pve }) {
      await pve.cluster(node).api.access.acl.$put(entry)
    },
    async remove({ pve }) {
      await pve.cluster(node).api.access.acl.$put({ ...entry, delete: true })
    },
  }
}
