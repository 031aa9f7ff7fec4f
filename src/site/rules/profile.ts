// Rules: a profile, and answers for Windows Setup, stand only where they can come true.
import type { Finding, Guest, Site } from '../site.ts'
import { error, guestPath } from './verdict.ts'

export function profiles(site: Site): Finding[] {
  const gateways = new Set(site.mesh?.gateways.map(({ name }) => name))
  return site.guests.flatMap((guest) => [
    ...hardened(guest, gateways),
    ...withoutProfile(guest),
    ...windows(site, guest),
  ])
}

function hardened(guest: Guest, gateways: ReadonlySet<string>): Finding[] {
  if (guest.profile === undefined) return []
  const path = guestPath(guest, 'profile')
  if (guest.kind === 'ct')
    return [error(path, 'is for virtual machines: a container has no firewall and audit of its own kernel')]
  if (guest.os !== 'linux') return [error(path, `is for Debian, and ${guest.name} is of os: ${guest.os}`)]
  if (!gateways.has(guest.name)) return []
  return [error(path, `${guest.name} is a gateway of the mesh, whose ports the profile's firewall would close`)]
}

function withoutProfile(guest: Guest): Finding[] {
  if (guest.profile !== undefined) return []
  const message = 'belongs to profile: hardened, which this guest does not have'
  return [
    ...(guest.intrusionDetection ? [error(guestPath(guest, 'intrusionDetection'), message)] : []),
    ...(guest.wazuh === undefined ? [] : [error(guestPath(guest, 'wazuh'), message)]),
  ]
}

function windows({ images }: Site, guest: Guest): Finding[] {
  if (guest.unattended === undefined) return []
  const path = guestPath(guest, 'unattended')
  if (guest.os !== 'windows') return [error(path, `answers Windows Setup, and ${guest.name} is of os: ${guest.os}`)]
  if (guest.firmware !== 'uefi') return [error(path, 'makes partitions for UEFI: firmware: uefi')]
  if (!guest.agent) return [error(path, 'ends when the guest agent answers, and agent is false')]
  const image = images.find(({ name }) => name === guest.image)
  if (image?.kind !== 'iso') return [error(path, 'needs an image with iso: the disc that Windows is installed from')]
  if (image.drivers !== undefined) return []
  return [error(path, `images.${image.name} needs drivers (virtio-win): without them Setup sees no disk`)]
}
