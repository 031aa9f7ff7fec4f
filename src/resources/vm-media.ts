// What a virtual machine gets with its image: cloud-init and a console for cloud images, CD drives for installers.
import type { Guest, Image } from '../site/site.ts'
import { ANSWER_DRIVE, answerVolume } from './answer-place.ts'
import type { Wanted } from './setting.ts'
import { decodeKeys, encodeKeys, showKeys } from './ssh-keys.ts'
import { vmAddresses } from './vm-nics.ts'

/** Rows that depend on the image; none for a guest without one. */
export function vmMedia(guest: Guest, image: Image | undefined): readonly Wanted[] {
  if (image?.kind === 'iso') return installerDrives(guest, image)
  return hasCloudInit(guest, image) ? [...CONSOLE, ...cloudInit(guest), ...vmAddresses(guest)] : []
}

/** Cloud images of Linux run cloud-init; nothing else does by itself. */
export function hasCloudInit(guest: Guest, image: Image | undefined): boolean {
  return guest.os === 'linux' && (image?.kind === 'url' || image?.kind === 'volume')
}

// Cloud images talk on the first serial port, and some (Debian's generic ones) show nothing on a graphics card.
// Who gives a guest a screen later is free to.
const CONSOLE: readonly Wanted[] = [
  { key: 'serial0', value: 'socket', createOnly: true },
  { key: 'vga', value: 'serial0', createOnly: true },
]

function cloudInit(guest: Guest): readonly Wanted[] {
  const user = guest.user === undefined ? [] : [{ key: 'ciuser', value: guest.user }]
  const keys =
    guest.sshKeys.length === 0
      ? []
      : [{ key: 'sshkeys', value: encodeKeys(guest.sshKeys), normal: decodeKeys, show: showKeys }]
  return [cloudInitDrive(guest), ...user, ...keys]
}

// `STORAGE:cloudinit` makes the drive; it reads back as `STORAGE:vm-200-cloudinit,media=cdrom`, whose storage may differ later.
function cloudInitDrive({ storage }: Guest): Wanted {
  const normal = (text: string) => (/[:/-]cloudinit\b/.test(text) ? 'cloud-init drive' : text)
  return { key: 'ide2', value: `${storage}:cloudinit`, normal }
}

// CD drives are filled once: who takes the disc out after the installation is right to do so.
function installerDrives(guest: Guest, image: Image & { kind: 'iso' }): readonly Wanted[] {
  const { iso, drivers } = image
  const disc = (key: string, volid: string): Wanted => ({ key, value: `${volid},media=cdrom`, createOnly: true })
  return [
    disc('ide2', iso),
    ...(drivers === undefined ? [] : [disc('ide0', drivers)]),
    ...(guest.unattended === undefined ? [] : [disc(ANSWER_DRIVE, answerVolume(guest, image))]),
  ]
}
