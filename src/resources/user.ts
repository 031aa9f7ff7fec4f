// The user that orion's token belongs to. It has no password: nobody logs in as it.
import type { Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { isOwnToken } from './own-token.ts'
import { clusterUser } from './shared-reads.ts'

export interface UserHave {
  readonly enabled: boolean
}

/** The site's user on one cluster; `node` says over which node it is reached. */
export function user(site: Site, cluster: string, node: string): Resource<UserHave> {
  const { user: name } = site.access
  return {
    id: `user:${cluster}/${name}`,
    title: name,
    needs: [],
    async observe({ pve }) {
      const target = pve.cluster(node)
      // Its token works, so the user is there and enabled.
      if (await isOwnToken(site, target)) return { enabled: true }
      return clusterUser(target, name)
    },
    diff: (have) => {
      if (have === undefined) return [{ field: 'user', want: name }]
      return have.enabled ? [] : [{ field: 'enabled', have: 'no', want: 'yes' }]
    },
    async create({ pve }) {
      await pve.cluster(node).api.access.users.$post({ userid: name, comment: 'orion' })
    },
    async update({ pve }) {
      await pve.cluster(node).api.access.users.$(name).$put({ enable: true })
    },
    async remove({ pve }) {
      await pve.cluster(node).api.access.users.$(name).$delete()
    },
  }
}
