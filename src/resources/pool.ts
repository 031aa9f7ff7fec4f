// A resource pool that guests name.
import type { Outside, Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'

export interface PoolHave {
  readonly comment?: string
}

const markOf = ({ name }: Pick<Site, 'name'>): string => `orion: ${name}`

/** Those that orion made for this site and that no guest of the cluster names. One bulk read. Errors: E_PVE_*. */
export async function listLeftPools(
  site: Site,
  { node, wanted }: { node: string; wanted: ReadonlySet<string> },
  { pve }: Outside,
): Promise<readonly string[]> {
  const target = pve.cluster(node)
  const pools = await target.once('pools', () => target.api.pools.$get())
  const left = pools.filter(({ poolid, comment }) => comment === markOf(site) && !wanted.has(poolid))
  return left.map(({ poolid }) => poolid)
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
      await pve.cluster(node).api.pools.$post({ poolid: name, comment: markOf(site) })
    },
    update: async () => {},
    async remove({ pve }) {
      // Proxmox VE refuses while anything is in it.
      await pve.cluster(node).api.pools.$delete({ poolid: name })
    },
  }
}
