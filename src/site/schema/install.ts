// `nodes.*.install`: the unattended installation. Values as Proxmox VE's installer knows them (answer.toml).
import { z } from 'zod'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, listOf, oneOrMore, text } from './words.ts'

/** What the installer lets be chosen. */
const KEYBOARDS =
  'de de-ch dk en-gb en-us es fi fr fr-be fr-ca fr-ch hu is it jp lt mk nl no pl pt pt-br se si tr'.split(' ') as [
    string,
    ...string[],
  ]

const mac = text(/^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/, 'a MAC address such as aa:bb:cc:dd:ee:ff').transform(
  (value) => value.toLowerCase(),
)
const portName = text(/^[a-z][a-z0-9_]{1,14}$/, 'a port name of 2 to 15 small letters, digits and _, a letter first')
const diskName = text(/^[a-z][a-z0-9]{1,31}$/, 'the name of a disk such as sda or nvme0n1')
const udevKey = text(/^[A-Z][A-Z0-9_]{0,63}$/, 'a udev property such as ID_SERIAL')
const glob = text(/^[^\p{Cc}"\\]{1,255}$/u, 'a glob such as Samsung*')

const filter = fields({
  match: z.enum(['any', 'all']).default('any').describe('How many of the properties must match'),
  properties: z.record(udevKey, glob).describe('udev properties of the disks, such as ID_MODEL: "Samsung*"'),
})

const zfs = fields({
  ashift: z.int().min(9).max(16).exactOptional().describe('Sector size as a power of two; default 12'),
  checksum: z.enum(['on', 'fletcher4', 'sha256']).exactOptional(),
  compress: z.enum(['on', 'off', 'lzjb', 'lz4', 'zle', 'gzip', 'zstd']).exactOptional(),
  copies: z.int().min(1).max(3).exactOptional(),
  hdsize: s.sizeGib.exactOptional().describe('How much of each disk is used'),
})

const lvm = fields({
  hdsize: s.sizeGib.exactOptional().describe('How much of the disk is used'),
  swapsize: s.sizeGib.exactOptional(),
  maxroot: s.sizeGib.exactOptional().describe('Size of the root volume'),
  maxvz: s.sizeGib.exactOptional().describe('Size of the data volume'),
  minfree: s.sizeGib.exactOptional().describe('What is left free in the volume group'),
})

export const install = fields({
  macs: z
    .record(portName, mac)
    .describe('Port name to MAC address: which machine it is, and what its ports are called'),
  disks: listOf(diskName, 64).exactOptional().describe('Names of the disks'),
  diskFilter: filter.exactOptional().describe('Instead of names: disks by their udev properties'),
  filesystem: z.enum(['zfs', 'ext4', 'xfs', 'btrfs']).default('zfs'),
  raid: z
    .enum(['raid0', 'raid1', 'raid10', 'raidz-1', 'raidz-2', 'raidz-3'])
    .exactOptional()
    .describe('Of ZFS and Btrfs; default: raid0 of one disk, raid1 of two'),
  zfs: zfs.exactOptional(),
  lvm: lvm.exactOptional().describe('Of ext4 and xfs'),
  keyboard: z.enum(KEYBOARDS).default('en-us'),
  country: text(/^[a-z]{2}$/, 'a country of two small letters, such as ca').describe('Such as ca'),
  mailto: text(/^[^\s@"\\\p{Cc}]{1,64}@[A-Za-z0-9.-]{1,253}$/u, 'an e-mail address').exactOptional(),
  dns: s.address.exactOptional().describe('Resolver during the installation; default: the gateway'),
  rootPassword: secret,
  sshKeys: oneOrMore(s.line)
    .exactOptional()
    .describe('Public keys of root, or paths of them; default: those of defaults.guest'),
  whenDone: z.enum(['reboot', 'power-off']).default('reboot'),
}).meta({ id: 'Install', description: 'How the installer of Proxmox VE makes this node by itself' })
