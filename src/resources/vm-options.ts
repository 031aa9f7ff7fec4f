// Every option of a virtual machine that orion keeps, as rows of one table (disks and NICs have their own files).
import type { Guest, Image, Site } from '../site/site.ts'
import { COMMON_OPTIONS, flag, type Option, wantedRows } from './guest-options.ts'
import { ownedProperties, parseProperties, printProperties } from './property-string.ts'
import type { Wanted } from './setting.ts'
import { vmMedia } from './vm-media.ts'
import { vmNics } from './vm-nics.ts'

const OPTIONS: readonly Option[] = [
  { key: 'name', want: ({ name }) => name },
  { key: 'ostype', want: ({ ostype }) => ostype, absent: 'other' },
  { key: 'sockets', want: ({ sockets }) => String(sockets), absent: '1' },
  { key: 'cpu', want: ({ cpu }) => cpu, absent: 'kvm64', normal: sortedProperties('cputype') },
  { key: 'balloon', want: ({ balloonMib }) => balloonMib?.toString() },
  { key: 'machine', want: ({ machine }) => machine, absent: 'pc', normal: machineFamily },
  { key: 'bios', want: ({ firmware }) => (firmware === 'uefi' ? 'ovmf' : 'seabios'), absent: 'seabios' },
  { key: 'agent', want: ({ agent }) => flag(agent), absent: '0', normal: agentEnabled },
  {
    key: 'boot',
    want: ({ boot }) => (boot.length > 0 ? `order=${boot.join(';')}` : undefined),
    normal: sortedProperties('legacy'),
  },
  { key: 'affinity', want: ({ affinity }) => affinity },
]

// What the site file does not say is set once, when the guest is made: who changes it later is free to, and a new disk
// controller or boot order under an installed guest may keep it from starting.
const BEGINNING: readonly Option[] = [
  { key: 'ostype', want: osType, createOnly: true },
  { key: 'boot', want: bootOrder, createOnly: true },
  // One controller per disk: the only kind with which iothread works.
  { key: 'scsihw', want: () => 'virtio-scsi-single', createOnly: true },
  { key: 'smbios1', want: ({ uuid }) => `uuid=${uuid}`, createOnly: true },
]

/** The rows of a virtual machine but for its disks. */
export function vmOptions(guest: Guest, site: Site, image: Image | undefined): readonly Wanted[] {
  return [
    ...wantedRows(OPTIONS, guest, site, image),
    ...wantedRows(BEGINNING, guest, site, image),
    ...wantedRows(COMMON_OPTIONS, guest, site),
    ...vmNics(guest),
    ...vmMedia(guest, image),
  ]
}

function osType({ ostype, os }: Guest): string | undefined {
  return ostype === undefined ? { linux: 'l26', windows: 'win11', other: 'other' }[os] : undefined
}

// Disk first also where it is empty: the firmware then goes on to the next, and an installed guest does not start its installer again.
function bootOrder(guest: Guest, _site: Site, image: Image | undefined): string | undefined {
  if (guest.boot.length > 0) return undefined
  const network = guest.nics.slice(0, 1).map(({ index }) => `net${index}`)
  const next = image === undefined ? network : image.kind === 'iso' ? ['ide2'] : []
  return `order=${['scsi0', ...next].join(';')}`
}

// Windows guests get a version pinned by Proxmox VE itself (`pc-q35-9.2+pve1`): without a version of ours only the family counts.
function machineFamily(text: string): string {
  const type = text.split(',')[0] ?? ''
  if (/^(pc-)?q35/.test(type)) return 'q35'
  return /^(pc|pc-i440fx|i440fx)(-.*)?$/.test(type) ? 'pc' : type
}

function agentEnabled(text: string): string {
  return ownedProperties(parseProperties(text, 'enabled'), { enabled: '0' }) === 'enabled=1' ? '1' : '0'
}

// All of the text is ours; only the order of its properties does not count.
function sortedProperties(defaultKey: string) {
  return (text: string) => printProperties(new Map([...parseProperties(text, defaultKey)].sort()), defaultKey)
}
