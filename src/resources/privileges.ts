// Which privileges this site needs of Proxmox VE: exactly those, by version.
import type { Guest, Site } from '../site/site.ts'

/** Privileges by what asks for them; a new need is one more row. */
interface Need {
  readonly privileges: readonly string[]
  /** Major versions that know them; both where it is not said. */
  readonly since?: number
  readonly before?: number
  readonly when: (site: Site) => boolean
}

const some = (wanted: (guest: Guest) => boolean) => (site: Site) => site.guests.some(wanted)

const GUEST_PRIVILEGES = [
  'VM.Allocate',
  'VM.Audit',
  'VM.Config.CPU',
  'VM.Config.Disk',
  'VM.Config.Memory',
  'VM.Config.Network',
  'VM.Config.Options',
  'VM.PowerMgmt',
  'Datastore.AllocateSpace',
  'SDN.Use', // a NIC on a bridge
]

const NEEDS: readonly Need[] = [
  { privileges: ['Sys.Audit', 'Datastore.Audit'], when: () => true },
  { privileges: GUEST_PRIVILEGES, when: some(() => true) },
  {
    privileges: ['VM.Config.HWType', 'VM.Config.CDROM', 'VM.Config.Cloudinit'],
    when: some(({ kind }) => kind === 'vm'),
  },
  // `startup` of a VM changes the order in which the whole node starts; a privileged container can reach its host.
  { privileges: ['Sys.Modify'], when: some(({ kind, startup }) => kind === 'vm' && startup !== undefined) },
  { privileges: ['Sys.Modify'], when: some(({ kind, unprivileged }) => kind === 'ct' && !unprivileged), since: 9 },
  { privileges: ['VM.GuestAgent.Audit'], when: some(({ kind, agent }) => kind === 'vm' && agent), since: 9 },
  { privileges: ['VM.Monitor'], when: some(({ kind, agent }) => kind === 'vm' && agent), before: 9 },
  { privileges: ['Datastore.Allocate'], when: ({ storage }) => storage.length > 0 },
  {
    privileges: ['Datastore.AllocateTemplate'],
    when: ({ images }) => images.some(({ kind }) => kind === 'url' || kind === 'template'),
  },
  { privileges: ['Sys.AccessNetwork'], when: ({ images }) => images.some(({ kind }) => kind === 'url') },
  { privileges: ['Pool.Allocate', 'Pool.Audit'], when: some(({ pool }) => pool !== undefined) },
]

/** The privileges for a site on a major version of Proxmox VE, sorted. A role that names an unknown one is refused with 400. */
export function privilegesFor(site: Site, major: number): readonly string[] {
  const needs = NEEDS.filter(({ since = 0, before = Number.POSITIVE_INFINITY }) => major >= since && major < before)
  return [...new Set(needs.filter(({ when }) => when(site)).flatMap(({ privileges }) => privileges))].sort()
}
