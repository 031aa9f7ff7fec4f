// Which privileges this site needs of Proxmox VE: exactly those, by version.
import type { Guest, Image, Site } from '../site/site.ts'
import { candidatesOf, deviceWay } from './device-value.ts'
import { hasCloudInit } from './vm-media.ts'

/** Privileges by what asks for them; a new need is one more row. */
interface Need {
  readonly privileges: readonly string[]
  /** The first major version that asks for them, or knows them; every one where it is not said. */
  readonly since?: number
  /** The first major version that does not know them any more. */
  readonly until?: number
  readonly when: (site: Site) => boolean
}

const some = (wanted: (guest: Guest) => boolean) => (site: Site) => site.guests.some(wanted)
const isVm = ({ kind }: Guest) => kind === 'vm'
const isUnattended = ({ unattended }: Guest) => unattended !== undefined

const GUEST_PRIVILEGES = [
  'VM.Allocate',
  'VM.Audit',
  'VM.Config.CPU',
  'VM.Config.Disk',
  'VM.Config.Memory',
  'VM.Config.Options',
  'VM.PowerMgmt',
  'Datastore.AllocateSpace', // also lists storages and what is on them
]

const NEEDS: readonly Need[] = [
  { privileges: GUEST_PRIVILEGES, when: some(() => true) },
  { privileges: ['VM.Config.HWType'], when: some(isVm) },
  { privileges: ['VM.Config.Network'], when: some((guest) => !isVm(guest) || guest.nics.length > 0) },
  { privileges: ['SDN.Use'], when: some(({ nics }) => nics.length > 0) }, // a NIC on a bridge
  { privileges: ['VM.Config.Cloudinit', 'VM.Config.CDROM'], when: withImage(hasCloudInit) },
  { privileges: ['VM.Config.CDROM'], when: withImage((_, image) => image?.kind === 'iso') },
  // Windows Setup wants a key pressed; and its answers go when the guest agent answers.
  { privileges: ['VM.Console'], when: some(isUnattended) },
  { privileges: ['VM.Monitor'], when: some(isUnattended), until: 9 },
  { privileges: ['VM.GuestAgent.Audit'], when: some(isUnattended), since: 9 },
  { privileges: ['Datastore.Audit'], when: some(isUnattended) },
  // A disk that another guest owns is cloned, not imported.
  { privileges: ['VM.Clone', 'Datastore.Audit'], when: withImage((_, image) => isDisk(image)) },
  // `startup` of a VM changes the order in which the whole node starts; a privileged container can reach its host.
  { privileges: ['Sys.Modify'], when: some((guest) => isVm(guest) && guest.startup !== undefined) },
  { privileges: ['Sys.Modify'], when: some(({ kind, unprivileged }) => kind === 'ct' && !unprivileged), since: 9 },
  { privileges: ['Datastore.Allocate'], when: ({ storage }) => storage.length > 0 },
  { privileges: ['Datastore.Audit'], when: ({ storage, guests }) => storage.length > 0 && guests.length === 0 },
  // Sys.Audit: to wait for a download that somebody else has started (the administrator of a first run) and not repeat it.
  { privileges: ['Datastore.AllocateTemplate', 'Sys.Audit'], when: fetches('url', 'template') },
  { privileges: ['Sys.AccessNetwork'], when: fetches('url') },
  { privileges: ['Pool.Allocate', 'Pool.Audit'], when: some(({ pool }) => pool !== undefined) },
  // `keeper predict`: how full the nodes are, and `--migrate`.
  { privileges: ['Sys.Audit', 'VM.Migrate'], when: mayMove },
  // Before orion changes a guest, and to go back.
  { privileges: ['VM.Snapshot'], when: hasSnapshots },
  // Jobs of vzdump are a matter of the whole cluster; Datastore.Allocate also sees the backups of all guests.
  { privileges: ['Datastore.Allocate', 'Sys.Audit', 'Sys.Modify'], when: ({ backup }) => backup.length > 0 },
  { privileges: ['Datastore.Allocate'], when: some(({ replicate }) => replicate.length > 0), until: 9 },
  { privileges: ['VM.Replicate'], when: some(({ replicate }) => replicate.length > 0), since: 9 },
  // A mapping is made and read with Mapping.Modify; Mapping.Use gives it to a guest. Both exist since 8.0.
  { privileges: ['Mapping.Modify', 'Mapping.Use'], when: hasMappings, since: 8 },
]

/** The privileges for a site on a major version of Proxmox VE, sorted. A role that names an unknown one is refused with 400. */
export function privilegesFor(site: Site, major: number): readonly string[] {
  const needs = NEEDS.filter(
    ({ since = 0, until = Number.POSITIVE_INFINITY, when }) => major >= since && major < until && when(site),
  )
  const found = new Set(needs.flatMap(({ privileges }) => privileges))
  // A download asks for Sys.AccessNetwork, or for these two together.
  if (found.has('Sys.Audit') && found.has('Sys.Modify')) found.delete('Sys.AccessNetwork')
  return [...found].sort()
}

function hasSnapshots({ snapshots, guests }: Site): boolean {
  return snapshots.keep > 0 && guests.some(({ snapshot }) => snapshot)
}

/** Has the site a Keeper, and a guest a node to go to? */
function mayMove({ keeper, nodes, guests }: Site): boolean {
  const clusters = nodes.map(({ cluster }) => cluster)
  return keeper !== undefined && guests.length > 0 && new Set(clusters).size < clusters.length
}

/** Has the site a device that a VM gets by a mapping? */
function hasMappings(site: Site): boolean {
  return site.devices.some((device) =>
    candidatesOf(site, device).some(({ kind }) => /^(pci|usb)$/.test(deviceWay(device, kind))),
  )
}

/** Has the site a virtual machine whose image is like that? */
function withImage(test: (guest: Guest, image: Image | undefined) => boolean) {
  return ({ guests, images }: Site) =>
    guests.some(
      (guest) =>
        isVm(guest) &&
        test(
          guest,
          images.find(({ name }) => name === guest.image),
        ),
    )
}

/** Is an image of one of these kinds used, and so fetched? */
function fetches(...kinds: readonly Image['kind'][]) {
  return ({ guests, images }: Site) =>
    images.some(({ name, kind }) => kinds.includes(kind) && guests.some(({ image }) => image === name))
}

// `tank:vm-9000-disk-0`, `local:9000/base-9000-disk-0.qcow2`; and not `local:import/debian.qcow2`.
function isDisk(image: Image | undefined): boolean {
  return image?.kind === 'volume' && !image.volume.includes(':import/')
}
