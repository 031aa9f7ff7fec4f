// Guests: virtual machines and containers, with the names that Proxmox and cloud-init use.
import { z } from 'zod'
import { replicate } from './backup.ts'
import { zram } from './host.ts'
import { nics } from './nic.ts'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { ssh } from './ssh.ts'
import { fields, oneOf, oneOrMore, parsed, text } from './words.ts'

/** A VMID, or a range `601-603` that makes one guest each. */
const ID = 'a VMID such as 200, or a range such as 601-603'
const guestId = oneOf(
  [s.vmid.transform((id) => ({ first: id, last: id, range: false })), parsed(/^\d+-\d+$/, ID, idRange)],
  ID,
).meta({
  id: 'GuestId',
  description: 'VMID, or a range first-last that makes guests NAME-1, NAME-2, …',
})

function idRange(value: string) {
  const [first = 0, last = 0] = value.split('-').map(Number)
  return first >= 100 && last >= first && last <= 999_999_999 ? { first, last, range: true } : undefined
}

const order = z.int().min(0).max(9999)
const startupFields = fields({
  order: order.exactOptional().describe('Lower starts earlier, and stops later'),
  up: s.durationSeconds.exactOptional().describe('Wait after starting it, before the next'),
  down: s.durationSeconds.exactOptional().describe('How long it may take to shut down'),
})
const startup = oneOf(
  [order.transform((order) => ({ order })), startupFields],
  'a number, or { order, up, down }',
).meta({
  id: 'Startup',
  description: 'Start order, or { order, up, down }',
})

const diskFields = fields({
  size: s.sizeGib,
  storage: s.name.exactOptional(),
  slot: text(
    /^(?:scsi(?:[12]?\d|30)|virtio(?:1[0-5]|\d)|sata[0-5]|ide[0-3])$/,
    'a slot such as scsi1, virtio0 or sata0',
  )
    .exactOptional()
    .describe('Where it is plugged in; default: scsi1, scsi2, … in order'),
})
const disk = oneOf(
  [s.sizeGib.transform((size): z.output<typeof diskFields> => ({ size })), diskFields],
  'a size such as 100G, or { size, storage, slot }',
).meta({
  id: 'Disk',
  description: 'A further disk: its size, or { size, storage, slot }',
})

const mount = fields({
  path: s.absolutePath.describe('Where the container sees it'),
  size: s.sizeGib.exactOptional().describe('Size of a new volume'),
  storage: s.name.exactOptional().describe('Storage of the volume; default: the guest’s'),
  source: s.absolutePath.exactOptional().describe('Directory of the node, instead of a volume'),
  readOnly: z.boolean().exactOptional(),
})
  .refine((entry) => (entry.size === undefined) !== (entry.source === undefined), {
    error: 'needs either size (a new volume) or source (a directory of the node)',
  })
  .meta({ id: 'Mount', description: 'A further mount point of a container' })

const pin = fields({
  cores: z.int().min(1).max(1024).describe('Physical cores'),
  exclusive: z.boolean().default(false).describe('No other guest may use them'),
  realtime: z.boolean().default(false),
}).meta({ id: 'Pin', description: 'Cores that orion chooses for this guest' })

const unattended = fields({
  user: text(/^[A-Za-z][A-Za-z0-9 ._-]{0,19}$/, 'a user name of 20 signs at most')
    .default('orion')
    .describe('Administrator that it makes'),
  password: secret.describe('Of that administrator'),
  edition: s.line.exactOptional().describe('Name of the image in install.wim, such as Windows 10 Enterprise LTSC'),
  locale: text(/^[a-z]{2,3}-[A-Z]{2}$/, 'a locale such as en-US').default('en-US'),
  keyboard: text(/^[a-z]{2,3}-[A-Z]{2}$/, 'a locale such as en-US')
    .exactOptional()
    .describe('Default: as locale'),
  timezone: s.line.default('UTC').describe('As Windows calls it, such as W. Europe Standard Time'),
  productKey: secret.exactOptional(),
}).meta({ id: 'Unattended', description: 'Answers for Windows Setup' })

const cpuset = text(/^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*$/, 'a list of cores such as 0-3,8')
const key = text(/^[^\p{Cc}]+(?:\n[^\p{Cc}]+)*\n?$/u, 'a public key, or the path of one')

/** Every key but the id: also what `defaults.guest` may hold. */
const common = {
  kind: z.enum(['vm', 'ct']).exactOptional().describe('Virtual machine (default) or container'),
  node: s.hostName.exactOptional().describe('Node that runs it; default: the only one'),
  image: s.name.exactOptional().describe('Name of an image; a VM without one begins with an empty disk'),
  os: z.enum(['linux', 'windows', 'other']).exactOptional().describe('Default: linux'),
  ostype: text(/^[a-z][a-z0-9]{1,15}$/, 'an ostype such as l26, win11 or debian')
    .exactOptional()
    .describe('Proxmox’s own ostype'),
  cores: z.int().min(1).max(8192).exactOptional().describe('Default: 1'),
  sockets: z.int().min(1).max(4).exactOptional().describe('Default: 1'),
  cpu: text(/^[A-Za-z0-9][A-Za-z0-9._+,;=-]{0,254}$/, 'a CPU type such as host or x86-64-v2-AES')
    .exactOptional()
    .describe('CPU type; default: x86-64-v2-AES'),
  memory: s.sizeMib.exactOptional().describe('Memory, such as 32G'),
  balloon: s.sizeMibOrZero.exactOptional().describe('Least memory under pressure; 0 = no balloon device'),
  swap: s.sizeMibOrZero.exactOptional().describe('Swap of a container; default: 512M'),
  machine: text(/^[a-z][A-Za-z0-9.+-]{1,39}$/, 'a machine type such as q35')
    .exactOptional()
    .describe('Machine type; default: Proxmox’s'),
  firmware: z.enum(['bios', 'uefi']).exactOptional().describe('Default: bios; uefi for Windows'),
  tpm: z.boolean().exactOptional().describe('A virtual TPM 2.0; default for Windows'),
  agent: z.boolean().exactOptional().describe('QEMU guest agent; default for VMs'),
  storage: s.name.exactOptional().describe('Storage of its disks'),
  disk: s.sizeGib.exactOptional().describe('Size of the first disk, such as 100G'),
  disks: z.array(disk).max(29).exactOptional().describe('Further disks of a VM'),
  mounts: z.array(mount).max(255).exactOptional().describe('Further mount points of a container'),
  nics: nics.exactOptional(),
  dns: oneOrMore(s.address).exactOptional().describe('Name servers; default: the network’s, or its router'),
  searchDomain: s.domain.exactOptional().describe('Default: the site’s domain'),
  user: text(/^[a-z_][a-z0-9_-]{0,31}$/, 'a user name')
    .exactOptional()
    .describe('User that cloud-init makes'),
  sshKeys: oneOrMore(key).exactOptional().describe('Public keys, or paths of them (~ is your home)'),
  boot: oneOrMore(text(/^(?:scsi|virtio|sata|ide|net|hostpci|usb)\d{1,2}$/, 'a device such as scsi0 or net0'))
    .exactOptional()
    .describe('Boot order; default: computed'),
  tags: oneOrMore(text(/^[A-Za-z0-9_][A-Za-z0-9_+.-]{0,63}$/, 'a tag')).exactOptional(),
  description: text(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'text')
    .max(8192)
    .exactOptional(),
  pool: text(/^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*){0,2}$/, 'a pool name').exactOptional(),
  onboot: z.boolean().exactOptional().describe('Start with the node; default: false, as in Proxmox'),
  started: z.boolean().exactOptional().describe('Should it run? Default: as onboot'),
  startup: startup.exactOptional(),
  protection: z.boolean().exactOptional().describe('Proxmox refuses to remove it or its disks'),
  unprivileged: z.boolean().exactOptional().describe('Containers; default: true'),
  features: z
    .partialRecord(z.enum(['nesting', 'keyctl', 'fuse', 'mknod', 'force_rw_sys']), z.boolean())
    .exactOptional()
    .describe('Containers; default: nesting'),
  timezone: s.timezone.exactOptional().describe('Default: the site’s'),
  hookscript: text(
    /^[A-Za-z][A-Za-z0-9._-]*:snippets\/[A-Za-z0-9._-]+$/,
    'a volume such as local:snippets/hook.sh',
  ).exactOptional(),
  zram: zram.exactOptional().describe('Linux: compressed swap in memory'),
  profile: z.enum(['hardened']).exactOptional().describe('Debian: keys only, nftables, unattended upgrades, auditd'),
  intrusionDetection: z.boolean().exactOptional().describe('Of the hardened profile: Suricata on its interfaces'),
  wazuh: s.host.exactOptional().describe('Of the hardened profile: manager that its Wazuh agent reports to'),
  unattended: unattended.exactOptional().describe('Windows: installs itself, with these answers'),
  affinity: cpuset.exactOptional().describe('Cores that it may run on, such as 4-7'),
  pin: pin.exactOptional(),
  replicate: replicate.exactOptional().describe('Nodes that get copies of its ZFS disks'),
  snapshot: z.boolean().exactOptional().describe('Before orion changes it; default: true, where its storage can'),
  ssh: ssh.exactOptional(),
}

/** Of one guest that exists; nothing that others could take over. */
const found = {
  adopted: z
    .boolean()
    .exactOptional()
    .describe(
      'It was there before orion: only what stands here is looked after (of defaults.guest the node alone counts), and orion never removes it',
    ),
  uuid: text(/^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, 'a UUID')
    .transform((value) => value.toLowerCase())
    .exactOptional()
    .describe('SMBIOS UUID of an adopted VM: who has another one on its VMID is somebody else'),
}

export const guest = fields({ id: guestId, ...found, ...common }).meta({
  id: 'Guest',
  description: 'A virtual machine or a container',
})
export const guestDefaults = fields(common).meta({
  id: 'GuestDefaults',
  description: 'What every guest takes that does not say otherwise',
})

export type GuestInput = z.output<typeof guest>
export type GuestDefaults = z.output<typeof guestDefaults>
