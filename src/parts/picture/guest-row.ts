// A guest in the picture: its row on its node, and everything that the site file says about it, but no secrets.
import type { Guest, Nic, Site } from '../../site/site.ts'
import type { Fact, Piece, Row } from './model.ts'
import { bare, count, facts, joined, sizeOf } from './words.ts'

/** `lanes`: names of the networks that its node has, in their order. */
export function drawGuest(site: Site, guest: Guest, lanes: readonly string[]): Piece<Row> {
  const { name, vmid, kind, cores, sockets, memoryMib, nics } = guest
  const devices = site.devices.filter((device) => device.guest === name).map((device) => device.name)
  const networks = new Set(nics.map(({ network }) => network))
  const row: Row = {
    thing: `guest:${name}`,
    title: name,
    tag: `${kind === 'vm' ? 'VM' : 'CT'} ${vmid}`,
    notes: [
      count(cores * sockets, 'core'),
      sizeOf(memoryMib),
      ...nics.map(addressOf),
      ...meshNotes(site, name),
      ...devices.map((one) => `+ ${one}`),
    ],
    stops: lanes.flatMap((lane, at) => (networks.has(lane) ? [at] : [])),
  }
  const related = [...networks].map((network) => `network:${network}`)
  const thing = {
    id: row.thing,
    kind: kind === 'vm' ? 'virtual machine' : 'container',
    name,
    facts: [
      ...machineFacts(site, guest, devices),
      ...nics.map(nicFact),
      ...facts({ Roles: joined(rolesOf(site, name)) }),
    ],
    related: [...[guest.node, ...guest.replicate.map(({ to }) => to)].map((node) => `node:${node}`), ...related],
  }
  return { drawn: row, things: [thing] }
}

/** `lan 192.168.100.1`: its first address there. */
function addressOf({ network, ipv4, ipv6 }: Nic): string {
  const address = ipv4 ?? ipv6
  if (address === undefined) return network
  return `${network} ${typeof address === 'string' ? address : bare(address.cidr)}`
}

function machineFacts(site: Site, guest: Guest, devices: readonly string[]): readonly Fact[] {
  const { cores, sockets, memoryMib, balloonMib, diskGib, storage, startup, pin } = guest
  const more = [
    ...guest.disks.map((disk) => `${disk.sizeGib} GiB on ${disk.storage}`),
    ...guest.mounts.map(({ path, source, sizeGib }) => `${path} (${source ?? `${sizeGib} GiB`})`),
  ]
  const jobs = site.backup.filter(({ guests }) => guests.includes(guest.name))
  const backups = jobs.map((job) => `${job.name} (${job.schedule}, on ${job.storage})`)
  return facts({
    VMID: String(guest.vmid),
    Node: guest.node,
    Cores: sockets > 1 ? `${cores * sockets} (${sockets} sockets)` : String(cores),
    'CPU type': guest.kind === 'vm' ? guest.cpu : undefined,
    'Pinned cores': pin
      ? `${pin.cores}${pin.exclusive ? ', for itself' : ''}${pin.realtime ? ', realtime' : ''}`
      : guest.affinity,
    Memory: sizeOf(memoryMib) + (balloonMib ? `, ${sizeOf(balloonMib)} at least` : ''),
    Disk: `${diskGib} GiB on ${storage}`,
    'More disks': joined(more),
    Image: guest.image,
    System: guest.ostype ?? guest.os,
    Devices: joined(devices),
    Starts: guest.onboot ? `with its node${startup?.order === undefined ? '' : `, order ${startup.order}`}` : 'by hand',
    User: guest.user,
    DNS: joined(guest.dns),
    Pool: guest.pool,
    Tags: joined(guest.tags),
    Adopted: guest.adopted ? 'yes: it was there before orion' : undefined,
    Profile: guest.profile,
    'Copied to': joined(guest.replicate.map(({ to, schedule }) => `${to} (${schedule})`)),
    Backups: joined(backups),
    Description: guest.description,
  })
}

/** `['lan', '192.168.100.1/24, fd00::1/64, gateway …, vmbr1, BC:24:11:…']` */
function nicFact({ network, bridge, vlan, mtu, mac, ipv4, ipv6 }: Nic): Fact {
  const addresses = [ipv4, ipv6].flatMap((one) => {
    if (one === undefined) return []
    if (typeof one === 'string') return [one]
    return [one.cidr, ...(one.gateway === undefined ? [] : [`gateway ${one.gateway}`])]
  })
  const link = [
    bridge,
    ...(vlan === undefined ? [] : [`VLAN ${vlan}`]),
    ...(mtu === undefined ? [] : [`MTU ${mtu}`]),
    mac,
  ]
  return [network, [...addresses, ...link].join(', ')]
}

/** `mesh 10.99.0.1`, of a gateway. */
export function meshNotes({ mesh }: Site, name: string): readonly string[] {
  return (mesh?.gateways ?? []).filter((gateway) => gateway.name === name).map(({ address }) => `mesh ${address}`)
}

/** What the site is to this guest or node: `routes lan`, `mesh gateway 10.99.0.1`. */
export function rolesOf({ networks, bgp, firewall, mesh }: Site, name: string): readonly string[] {
  const routed = networks.filter(({ router }) => router === name).map((network) => network.name)
  const gateway = mesh?.gateways.find((one) => one.name === name)
  return [
    ...(routed.length > 0 ? [`routes ${routed.join(', ')}`] : []),
    ...(firewall?.router === name ? ['firewall'] : []),
    ...(bgp?.router === name ? [`BGP AS${bgp.asn}`] : []),
    ...(gateway ? [`mesh gateway ${gateway.address}`] : []),
    ...(mesh?.tailscale?.hosts.includes(name) ? ['Tailscale'] : []),
  ]
}
