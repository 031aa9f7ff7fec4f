// The guests of the site and what became of them, for `orion vm list`. Reads bulk lists only.
import type { Outside } from '../resource.ts'
import { type ListedGuest, listGuests as readList } from '../resources/guest-api.ts'
import { carriesMark } from '../resources/guest-identity.ts'
import { type ClusterGuest, clusterGuests } from '../resources/shared-reads.ts'
import type { Guest, Site } from '../site/site.ts'

export interface GuestRow {
  readonly name: string
  readonly vmid: number
  readonly kind: 'vm' | 'ct'
  /** Where it is; where it shall be, if it is absent. */
  readonly node: string
  /** `running`, `stopped`; `-` for an absent or foreign one. */
  readonly status: string
  readonly cores: number
  readonly memoryMib: number
  /** Its first address, without the prefix length; undefined where it has none of its own. */
  readonly address?: string
  /** By VMID, kind and tags; a plan also compares the UUID. */
  readonly state: 'ours' | 'absent' | 'foreign'
}

/** One row per guest, in the order of the site file. */
export function listGuests(site: Site, outside: Outside): Promise<readonly GuestRow[]> {
  return Promise.all(site.guests.map((guest) => guestRow(site, guest, outside)))
}

async function guestRow(site: Site, guest: Guest, outside: Outside): Promise<GuestRow> {
  const cluster = outside.pve.cluster(guest.node)
  const found = (await clusterGuests(cluster)).get(guest.vmid)
  if (found === undefined) return toRow(guest, { node: guest.node, status: '-', state: 'absent' })
  const listed = (await readList(cluster, found.kind, found.node)).find(({ vmid }) => Number(vmid) === guest.vmid)
  if (!isOurs(site, guest, found, listed)) return toRow(guest, { node: found.node, status: '-', state: 'foreign' })
  return toRow(guest, { node: found.node, status: listed?.status ?? 'unknown', state: 'ours' })
}

function isOurs(site: Site, guest: Guest, found: ClusterGuest, listed: ListedGuest | undefined): boolean {
  return found.kind === guest.kind && carriesMark(site, listed?.tags ?? '')
}

function toRow(guest: Guest, seen: Pick<GuestRow, 'node' | 'status' | 'state'>): GuestRow {
  const { name, vmid, kind, cores, sockets, memoryMib } = guest
  const address = firstAddress(guest)
  return { name, vmid, kind, cores: cores * sockets, memoryMib, ...seen, ...(address === undefined ? {} : { address }) }
}

function firstAddress({ nics }: Guest): string | undefined {
  const cidrs = nics
    .flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
    .flatMap((one) => (typeof one === 'object' ? [one.cidr] : []))
  return cidrs[0]?.split('/')[0]
}
