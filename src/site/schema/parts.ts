// Devices, the Keeper, the firewall, BGP and the mesh.
import { z } from 'zod'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, oneOf, oneOrMore, parsed, text } from './words.ts'

export const device = fields({
  node: s.hostName.describe('Node that it is in'),
  ids: oneOrMore(
    text(/^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$/, 'a PCI or USB id such as 10de:2204').transform((id) => id.toLowerCase()),
  ).describe('vendor:device of each function'),
  address: text(/^(?:[0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?:\.[0-7])?$/, 'a PCI address such as 0000:01:00.0')
    .exactOptional()
    .describe('Where the ids are not unique'),
  guest: s.hostName.exactOptional().describe('Guest that has it'),
  standby: oneOrMore(s.hostName).exactOptional().describe('Guests that may have it instead'),
  primaryGpu: z.boolean().default(false).describe('The node’s own console is on it'),
}).meta({ id: 'Device', description: 'A device of a node that a guest gets' })

export const keeper = fields({
  temperature: fields({
    limit: s.celsius.describe('Over this it sheds guests, such as 80C'),
    resume: s.celsius.describe('Under this it gives back'),
  }).exactOptional(),
  shed: oneOrMore(s.hostName).exactOptional().describe('What gives way first, in this order'),
  balloonIdle: oneOrMore(s.hostName).exactOptional().describe('Guests whose idle memory is taken first'),
  watchdog: fields({
    device: s.absolutePath.describe('Such as /dev/watchdog'),
    timeout: s.durationSeconds.describe('Without a sign for so long it resets, such as 60s'),
    serial: s.absolutePath.exactOptional().describe('Serial port of a second watchdog outside'),
  }).exactOptional(),
}).meta({ id: 'Keeper', description: 'A guard on the node itself' })

const PORTS = 'a port such as 443, or a range such as 8000-8010'
const portRange = parsed(/^\d{1,5}(?:-\d{1,5})?$/, PORTS, (value) => {
  const [first = 0, last = first] = value.split('-').map(Number)
  return first >= 1 && last >= first && last <= 65535 ? value : undefined
})
const ports = oneOrMore(
  oneOf([s.port.transform(String), portRange], PORTS).meta({
    id: 'Ports',
    description: 'A port, or a range first-last',
  }),
)

export const firewall = fields({
  router: s.hostName.describe('Guest that filters'),
  allow: z
    .array(
      fields({
        from: oneOrMore(s.name).describe('Networks or guests'),
        to: oneOrMore(s.name).describe('Networks or guests'),
        tcp: ports.exactOptional().describe('Without tcp, udp and icmp: everything'),
        udp: ports.exactOptional().describe('Ports, or ranges such as 8000-8010'),
        icmp: z.boolean().default(false),
      }),
    )
    .default([])
    .describe('What is not listed is dropped; replies pass'),
  masquerade: oneOrMore(s.name).exactOptional().describe('Networks behind whose address the others appear'),
}).meta({ id: 'Firewall', description: 'Rules of the guest that filters' })

const peer = fields({
  asn: s.asn.describe('AS number of the peer'),
  address: s.address.describe('Address of the peer'),
  localAddress: s.address.exactOptional().describe('Our address toward it'),
  relation: z.enum(['provider', 'peer', 'customer', 'internal']).describe('What the peer is to us (RFC 9234)'),
  multihop: z.int().min(1).max(255).exactOptional().describe('Hops to a peer that is not beside us'),
  maxPrefixes: z.int().min(1).max(4294967295).exactOptional().describe('More than these end the session'),
  password: secret.exactOptional(),
}).meta({ id: 'BgpPeer', description: 'A BGP session' })

export const bgp = fields({
  router: s.hostName.describe('Guest that speaks BGP'),
  daemon: z.enum(['bird', 'gobgp']).default('bird'),
  asn: s.asn.describe('Our own AS number'),
  routerId: s.address4.describe('An IPv4 address of ours'),
  announce: oneOrMore(s.network).exactOptional().describe('Our prefixes'),
  peers: z.record(s.name, peer).exactOptional(),
}).meta({ id: 'Bgp', description: 'BGP on a guest' })

const gateway = fields({
  endpoint: s.host.exactOptional().describe('Where the others reach it; without one it dials out'),
  address: s.address.describe('Its address in the mesh'),
  routes: oneOrMore(oneOf([s.network, s.name], 'a network such as 10.1.0.0/24, or the name of one')).exactOptional(),
}).meta({ id: 'MeshGateway', description: 'A member of the mesh, and what is reached through it' })

export const mesh = fields({
  network: s.network.describe('Addresses of the mesh itself'),
  port: s.port.default(51820),
  postQuantum: z.enum(['ml-kem-768']).exactOptional().describe('A preshared key for each link'),
  topology: z.enum(['hub', 'full']).exactOptional().describe('Default: hub where one is named, else full'),
  hub: s.hostName.exactOptional().describe('Gateway that all others dial'),
  direct: z
    .array(z.tuple([s.hostName, s.hostName]))
    .exactOptional()
    .describe('Straight links beside the hub'),
  bypass: fields({ hub: s.hostName }).exactOptional().describe('The second hub'),
  gateways: z.record(s.hostName, gateway).exactOptional().describe('Nodes or guests'),
  clients: z.record(s.name, fields({ address: s.address })).exactOptional(),
}).meta({ id: 'Mesh', description: 'WireGuard between sites' })

export type MeshInput = z.output<typeof mesh>
