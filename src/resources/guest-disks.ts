// Disks of a guest: what is wanted, what is there, and the one way to change them: they grow.
import type { Difference } from '../resource.ts'
import { mergeProperties, ownedProperties, parseProperties, printProperties } from './property-string.ts'
import { type Changes, RESTART_HINT, type Setting, type Settings } from './setting.ts'
import { GIB, parseSize, printSize } from './size.ts'

export interface WantedDisk {
  /** `scsi0`, `efidisk0`, `rootfs`, `mp1`. */
  readonly slot: string
  readonly storage: string
  /** undefined = Proxmox VE decides (EFI and TPM state). */
  readonly sizeGib?: number
  /** The value that makes it, with the guest or later. */
  readonly fresh: string
  /** True where it comes from an image: then it cannot be made again on a guest that exists. */
  readonly imported?: true
  /** Key of the volume in the value: `file` (VM) or `volume` (container). */
  readonly volumeKey: 'file' | 'volume'
  /** Our properties of the value and what an absent one means. */
  readonly properties: ReadonlyMap<string, string>
  readonly owned: Readonly<Record<string, string>>
  /** What is there counts in whole GiB, rounded down. */
  readonly isFloored?: true
  /** For people, e.g. `50G on local-zfs, from debian-13`. */
  readonly text: string
}

/** What is done to the disks of a guest that exists. */
export interface DiskChanges extends Changes {
  readonly grow: readonly { readonly slot: string; readonly sizeGib: number }[]
}

/** Differences of the wanted disks; disks that the site file does not name are left alone. */
export function diffDisks(
  wanted: readonly WantedDisk[],
  have: Settings,
  options: { readonly restart: boolean },
): Difference[] {
  return wanted.flatMap((disk) => diffSlot(disk, have.get(disk.slot), options.restart))
}

function diffSlot(disk: WantedDisk, setting: Setting = {}, restart = false): Difference[] {
  const differences = diffDisk(disk, setting.next)
  if (differences.length > 0 || setting.active !== undefined) return differences
  const difference = { field: disk.slot, want: disk.text }
  return [restart ? difference : { ...difference, waits: 'restart', hint: RESTART_HINT }]
}

function diffDisk(disk: WantedDisk, have: string | undefined): Difference[] {
  if (have === undefined) return [missingDisk(disk)]
  const found = parseProperties(have, disk.volumeKey)
  const storage = found.get(disk.volumeKey)?.split(':')[0] ?? ''
  if (storage !== disk.storage) {
    const hint = `orion does not move disks: move ${disk.slot} in Proxmox VE, or set storage: ${storage} in the site file`
    return [{ field: `${disk.slot}.storage`, have: storage, want: disk.storage, immutable: true, hint }]
  }
  return [...diffSize(disk, found.get('size')), ...diffProperties(disk, found)]
}

function missingDisk(disk: WantedDisk): Difference {
  const difference = { field: disk.slot, want: disk.text }
  if (disk.imported === undefined) return difference
  const hint = `the disk was removed from the guest; attach it again as ${disk.slot}, or destroy the guest and apply again`
  return { ...difference, immutable: true, hint }
}

function diffSize(disk: WantedDisk, size: string | undefined): Difference[] {
  const whole = size === undefined ? undefined : parseSize(size)
  const have = whole !== undefined && disk.isFloored ? Math.floor(whole / GIB) * GIB : whole
  const want = (disk.sizeGib ?? 0) * GIB
  if (have === undefined || want === 0 || have === want) return []
  const difference = { field: `${disk.slot}.size`, have: printSize(have), want: printSize(want) }
  if (have < want) return [difference]
  const hint = `disks never shrink: set the size of ${disk.slot} to ${printSize(have)} in the site file`
  return [{ ...difference, immutable: true, hint }]
}

function diffProperties(disk: WantedDisk, found: ReadonlyMap<string, string>): Difference[] {
  const have = ownedProperties(found, disk.owned)
  const want = ownedProperties(disk.properties, disk.owned)
  return have === want ? [] : [{ field: disk.slot, have, want }]
}

/** The disks of a guest that is not there yet. */
export function newDisks(wanted: readonly WantedDisk[]): Difference[] {
  return wanted.map(({ slot, text }) => ({ field: slot, want: text }))
}

/** What has to be sent so that the disks are as wanted; nothing for what orion must not change. */
export function diskChanges(wanted: readonly WantedDisk[], have: Settings): DiskChanges {
  const set: Record<string, string> = {}
  const grow: { slot: string; sizeGib: number }[] = []
  for (const disk of wanted) {
    const stored = have.get(disk.slot)?.next
    const differences = diffDisk(disk, stored)
    if (differences.length === 0 || differences.some(({ immutable }) => immutable)) continue
    if (stored === undefined) set[disk.slot] = disk.fresh
    else if (differences.some(({ field }) => field === disk.slot)) set[disk.slot] = changedDisk(disk, stored)
    if (differences.some(({ field }) => field === `${disk.slot}.size`))
      grow.push({ slot: disk.slot, sizeGib: disk.sizeGib ?? 0 })
  }
  return { set, drop: [], grow }
}

// The volume must be named again, or Proxmox VE would take the value for another disk.
function changedDisk(disk: WantedDisk, stored: string): string {
  const have = parseProperties(stored, disk.volumeKey)
  const want = new Map([[disk.volumeKey, have.get(disk.volumeKey) ?? ''], ...disk.properties])
  return printProperties(mergeProperties(have, want, disk.owned), disk.volumeKey)
}
