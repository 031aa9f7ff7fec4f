// Guests that carry this site's mark and stand no longer in the site file: nobody would look after them.
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { listGuests } from './guest-api.ts'
import { carriesMark } from './guest-identity.ts'
import { type ClusterGuest, clusterGuests } from './shared-reads.ts'

export interface Orphan extends ClusterGuest {
  /** `running`, `stopped`. */
  readonly status: string
  readonly cores: number
  readonly memoryMib: number
}

const MIB = 1024 * 1024

/** The orphans of the cluster that a node belongs to, by VMID. Bulk lists only; only nodes with guests beyond the site's are asked. */
export async function listOrphans(site: Site, node: string, outside: Outside): Promise<readonly Orphan[]> {
  const cluster = outside.pve.cluster(node)
  const wanted = new Set(site.guests.map(({ vmid }) => vmid))
  const others = [...(await clusterGuests(cluster)).values()].filter(({ vmid }) => !wanted.has(vmid))
  const looked = others.map(async (guest) => {
    const listed = (await listGuests(cluster, guest.kind, guest.node)).find(({ vmid }) => Number(vmid) === guest.vmid)
    if (!listed || !carriesMark(site, listed.tags ?? '')) return []
    const { status = 'unknown', cpus = 0, maxmem = 0 } = listed
    return [{ ...guest, status, cores: Number(cpus), memoryMib: Number(maxmem) / MIB }]
  })
  return (await Promise.all(looked)).flat().sort((a, b) => a.vmid - b.vmid)
}
