// A resource pool that guests name.
import type { Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'

export interface PoolHave {
  readonly comment?: string
}

/** A pool of one cluster; who is in it is a matter of each guest. */
export function pool(site: Site, cluster: string, node: string, name: string): Resource<PoolHave> {
  return {
    id: `pool:${cluster}/${name}`,
    title: name,
    needs: [],
    async observe({ pve }) {
      const target = pve.cluster(node)
      const pools = await target.once('pools', () => target.api.pools.$get())
      const found = pools.find(({ poolid }) => poolid === name)
      return found && (found.comment === undefined ? {} : { comment: found.comment })
    },
    diff: (have) => (have === undefined ? [{ field: 'pool', want: name }] : []),
    async create({ pve }) {
      await pve.cluster(node).api.pools.$post({ poolid: name, comment: `orion: ${site.name}` })
    },
    update: async () => {},
    async remove({ pve }) {
      // Proxmox VE refuses while anything is in it.
      await pve.cluster(node).api.pools.$delete({ poolid: name })
    },
  }
}
