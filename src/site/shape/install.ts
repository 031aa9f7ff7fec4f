// The unattended installation of a node.
import type { Install } from '../install.ts'
import { type Context, compact } from './context.ts'
import { keysAt } from './keys.ts'

type InstallInput = NonNullable<Context['input']['nodes'][string]['install']>

export function shapeInstall(context: Context, node: string, install: InstallInput): Install {
  const { zfs = {}, lvm = {}, sshKeys, disks, diskFilter, raid, filesystem } = install
  const path = ['nodes', node, 'install']
  if ((disks === undefined) === (diskFilter === undefined)) context.report(path, 'needs either disks or diskFilter')
  const count = disks?.length
  // One disk has no other choice, and two are a mirror; for more somebody has to choose.
  const byCount = count === 1 ? 'raid0' : count === 2 ? 'raid1' : undefined
  const hasRaid = filesystem === 'zfs' || filesystem === 'btrfs'
  return compact({
    macs: install.macs,
    disks: disks ? { names: disks } : { filter: diskFilter?.properties ?? {}, match: diskFilter?.match ?? 'any' },
    filesystem,
    raid: raid ?? (hasRaid ? byCount : undefined),
    zfs: compact({
      ashift: zfs.ashift,
      checksum: zfs.checksum,
      compress: zfs.compress,
      copies: zfs.copies,
      hdsizeGib: zfs.hdsize,
    }),
    lvm: compact({
      hdsizeGib: lvm.hdsize,
      swapsizeGib: lvm.swapsize,
      maxrootGib: lvm.maxroot,
      maxvzGib: lvm.maxvz,
      minfreeGib: lvm.minfree,
    }),
    keyboard: install.keyboard,
    country: install.country,
    mailto: install.mailto,
    dns: install.dns,
    rootPassword: install.rootPassword,
    sshKeys: sshKeys
      ? keysAt(context, [...path, 'sshKeys'], sshKeys)
      : keysAt(context, ['defaults', 'guest', 'sshKeys'], context.input.defaults?.guest?.sshKeys ?? []),
    whenDone: install.whenDone,
  })
}
