// One line about a guest that does not exist yet.
import type { Guest, Nic } from '../site/site.ts'

/** `8 cores, 32 GiB, 50 GiB from debian-13; lan 192.168.100.1, wan dhcp`: what the operator wrote, and not what follows from it. */
export function guestBrief(guest: Guest): string {
  const { cores, sockets, image, diskGib, disks, mounts } = guest
  const more = disks.length + mounts.length
  const parts = [
    count(cores * sockets, 'core'),
    size(guest.memoryMib),
    `${diskGib} GiB${image === undefined ? '' : ` from ${image}`}${more > 0 ? ` and ${count(more, 'more volume')}` : ''}`,
    ...(guest.started ? [] : ['not started']),
  ]
  const nics = guest.nics.map(nicBrief)
  return [parts.join(', '), ...(nics.length > 0 ? [nics.join(', ')] : [])].join('; ')
}

function nicBrief({ network, ipv4, ipv6 }: Nic): string {
  const address = ipv4 ?? ipv6
  if (address === undefined) return network
  return `${network} ${typeof address === 'string' ? address : address.cidr.split('/')[0]}`
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`

const size = (mib: number): string => (mib % 1024 === 0 ? `${mib / 1024} GiB` : `${mib} MiB`)
