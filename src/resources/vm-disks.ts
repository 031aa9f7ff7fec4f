// The disks of a virtual machine: scsi0 from its image or empty, further ones, EFI variables, TPM state.
import type { Guest } from '../site/site.ts'
import { floored } from './guest-adopted.ts'
import type { WantedDisk } from './guest-disks.ts'
import { printProperties } from './property-string.ts'

// discard gives freed blocks back to thin storage, iothread takes disk work off the emulator's main loop (it needs
// virtio-scsi-single), ssd makes guests trim by themselves. Set when a disk is made; the site file says nothing of them, so
// who changes them later is free to.
const PROPERTIES = new Map([
  ['discard', 'on'],
  ['iothread', '1'],
  ['ssd', '1'],
])
const UNCOMPARED = { volumeKey: 'file', properties: new Map(), owned: {} } as const

/** Takes the volume to import scsi0 from; undefined = an empty disk. */
export function vmDisks(
  guest: Guest,
  source: { readonly volid: string; readonly image: string } | undefined,
): readonly WantedDisk[] {
  const first = { slot: 'scsi0', storage: guest.storage, sizeGib: guest.diskGib }
  const further = guest.disks.map(({ storage, sizeGib, slot = '' }, index) =>
    emptyDisk({ slot: slot || `scsi${index + 1}`, storage, sizeGib }),
  )
  // An adopted guest has what it starts from: only the disks that the site file names are looked at.
  if (guest.adopted) return [...(guest.diskGib > 0 ? [emptyDisk(first)] : []), ...further].map(floored)
  const efi = guest.firmware === 'uefi' ? [efiDisk(guest)] : []
  const tpm = guest.tpm ? [tpmDisk(guest)] : []
  return [source === undefined ? emptyDisk(first) : importedDisk(first, source), ...further, ...efi, ...tpm]
}

type Place = { readonly slot: string; readonly storage: string; readonly sizeGib: number }

function emptyDisk({ slot, storage, sizeGib }: Place): WantedDisk {
  const fresh = `${storage}:${sizeGib},${printProperties(PROPERTIES)}`
  return {
    slot,
    storage,
    sizeGib,
    fresh,
    ...UNCOMPARED,
    text: `${sizeGib}G on ${storage}`,
  }
}

// An imported disk has the size of its image first (`size=` is ignored here); it is grown after the creation.
function importedDisk(place: Place, { volid, image }: { volid: string; image: string }): WantedDisk {
  const fresh = `${place.storage}:0,import-from=${volid},${printProperties(PROPERTIES)}`
  const empty = emptyDisk(place)
  return { ...empty, fresh, imported: true, text: `${empty.text}, from ${image}` }
}

// Enrolled keys are Microsoft's: with them Secure Boot starts the signed loaders of Debian, Ubuntu and Windows.
function efiDisk({ storage }: Guest): WantedDisk {
  const properties = new Map([
    ['efitype', '4m'],
    ['pre-enrolled-keys', '1'],
  ])
  return stateDisk({ slot: 'efidisk0', storage, properties })
}

function tpmDisk({ storage }: Guest): WantedDisk {
  return stateDisk({ slot: 'tpmstate0', storage, properties: new Map([['version', 'v2.0']]) })
}

// Their properties are fixed when they are made, so nothing of an existing one is compared.
function stateDisk({
  slot,
  storage,
  properties,
}: {
  slot: string
  storage: string
  properties: ReadonlyMap<string, string>
}): WantedDisk {
  const fresh = `${storage}:1,${printProperties(properties)}`
  return { slot, storage, fresh, ...UNCOMPARED, text: `on ${storage}` }
}
