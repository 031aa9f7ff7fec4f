// The guests of the site and what became of them, for `orion vm list`. Reads bulk lists only.
import type { Outside } from '../resource.ts'
import { guestStatus } from '../resources/guest-status.ts'
import { listOrphans } from '../resources/orphans.ts'
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
  /** By VMID, kind and tags; a plan also compares the UUID. An orphan carries our mark and is not in the site file. */
  readonly state: 'ours' | 'absent' | 'foreign' | 'orphan'
}

/** One row per wanted guest (all, unless told otherwise), in the order of the site file; then the orphans of its clusters. */
export async function listGuests(
  site: Site,
  outside: Outside,
  wanted: (id: string, title: string) => boolean = () => true,
): Promise<readonly GuestRow[]> {
  const guests = site.guests.filter((guest) => wanted(idOf(guest), guest.name))
  const rows = await Promise.all(guests.map((guest) => guestRow(site, guest, outside)))
  const orphans = await Promise.all(site.clusters.map(({ name }) => orphanRows(site, name, outside)))
  return [...rows, ...orphans.flat().filter((row) => wanted(idOf(row), row.name))]
}

const idOf = ({ kind, node, vmid }: Pick<GuestRow, 'kind' | 'node' | 'vmid'>): string =>
  `${kind === 'vm' ? 'vm' : 'container'}:${node}/${vmid}`

async function orphanRows(site: Site, cluster: string, outside: Outside): Promise<readonly GuestRow[]> {
  const first = site.nodes.find((node) => node.cluster === cluster)
  const orphans = first ? await listOrphans(site, first.name, outside) : []
  return orphans.map(({ pool: _, ...orphan }) => ({ ...orphan, state: 'orphan' }))
}

async function guestRow(site: Site, guest: Guest, outside: Outside): Promise<GuestRow> {
  const found = await guestStatus(site, guest, outside)
  if (found === undefined) return toRow(guest, { node: guest.node, status: '-', state: 'absent' })
  const { node, status, ours } = found
  return toRow(guest, ours ? { node, status, state: 'ours' } : { node, status: '-', state: 'foreign' })
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
