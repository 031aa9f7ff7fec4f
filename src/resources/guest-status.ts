// What the bulk lists say of a guest: where it is, whether it runs, and whether it carries our mark. No request per guest.
import type { Outside } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { listGuests } from './guest-api.ts'
import { carriesMark } from './guest-identity.ts'
import { clusterGuests } from './shared-reads.ts'

export interface GuestStatus {
  readonly name: string
  readonly node: string
  /** `running`, `stopped`, or `unknown` where the node does not say. */
  readonly status: string
  /** Since its start, where it runs. */
  readonly uptimeSeconds?: number
  /** By VMID, kind and tags; readGuest() also compares the UUID. */
  readonly ours: boolean
}

/** The guest on the wanted VMID; undefined = there is none. */
export async function guestStatus(site: Site, guest: Guest, outside: Outside): Promise<GuestStatus | undefined> {
  const cluster = outside.pve.cluster(guest.node)
  const found = (await clusterGuests(cluster)).get(guest.vmid)
  if (found === undefined) return undefined
  const { name, node, kind } = found
  const listed = (await listGuests(cluster, kind, node)).find(({ vmid }) => Number(vmid) === guest.vmid)
  const ours = kind === guest.kind && (guest.adopted !== undefined || carriesMark(site, listed?.tags ?? ''))
  const uptime = listed?.uptime === undefined ? {} : { uptimeSeconds: Number(listed.uptime) }
  return { name, node, status: listed?.status ?? 'unknown', ...uptime, ours }
}
