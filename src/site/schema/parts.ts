// Devices, the Keeper, the firewall, BGP and the mesh.
import { z } from 'zod'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, oneOf, oneOrMore, parsed, text } from './words.ts'

export const device = fields({
  node: s.hostName,
  ids: oneOrMore(
    text(/^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$/, 'a PCI or USB id such as 10de:2204').transform((id) => id.toLowerCase()),
  ).describe('vendor:device of each function'),
  address: text(/^(?:[0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?:\.[0-7])?$/, 'a PCI address such as 0000:01:00.0')
    .exactOptional()
    .describe('Where the ids are not unique'),
  guest: s.hostName.exactOptional().describe('Guest that has it'),
  standby: oneOrMore(s.hostName).exactOptional().describe('Guests that may have it instead'),
  primaryGpu: z.boolean().default(false),
}).meta({ id: 'Device' })

export const keeper = fields({
  temperature: fields({ limit: s.celsius, resume: s.celsius }).exactOptional(),
  shed: oneOrMore(s.hostName).exactOptional().describe('What gives way first, in this order'),
  balloonIdle: oneOrMore(s.hostName).exactOptional(),
  watchdog: fields({
    device: s.absolutePath,
    timeout: s.durationSeconds,
    serial: s.absolutePath.exactOptional(),
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
        tcp: ports.exactOptional(),
        udp: ports.exactOptional(),
        icmp: z.boolean().default(false),
      }),
    )
    .default([])
    .describe('What is not listed is dropped; replies pass'),
  masquerade: oneOrMore(s.name).exactOptional().describe('Networks behind whose address the others appear'),
}).meta({ id: 'Firewall' })

const peer = fields({
  asn: s.asn,
  address: s.address,
  localAddress: s.address.exactOptional(),
  relation: z.enum(['provider', 'peer', 'customer', 'internal']).describe('What the peer is to us (RFC 9234)'),
  multihop: z.int().min(1).max(255).exactOptional(),
  maxPrefixes: z.int().min(1).max(4294967295).exactOptional(),
  password: secret.exactOptional(),
}).meta({ id: 'BgpPeer' })

export const bgp = fields({
  router: s.hostName,
  daemon: z.enum(['bird', 'gobgp']).default('bird'),
  asn: s.asn,
  routerId: s.address4,
  announce: oneOrMore(s.network).exactOptional(),
  peers: z.record(s.name, peer).exactOptional(),
}).meta({ id: 'Bgp' })

const gateway = fields({
  endpoint: s.host.exactOptional().describe('Where the others reach it; without one it dials out'),
  address: s.address,
  routes: oneOrMore(oneOf([s.network, s.name], 'a network such as 10.1.0.0/24, or the name of one')).exactOptional(),
}).meta({ id: 'MeshGateway' })

export const mesh = fields({
  network: s.network,
  port: s.port.default(51820),
  postQuantum: z.enum(['ml-kem-768']).exactOptional(),
  topology: z.enum(['hub', 'full']).exactOptional().describe('Default: hub where one is named, else full'),
  hub: s.hostName.exactOptional(),
  direct: z
    .array(z.tuple([s.hostName, s.hostName]))
    .exactOptional()
    .describe('Straight links beside the hub'),
  bypass: fields({ hub: s.hostName }).exactOptional().describe('The second hub'),
  gateways: z.record(s.hostName, gateway).exactOptional().describe('Nodes or guests'),
  clients: z.record(s.name, fields({ address: s.address })).exactOptional(),
}).meta({ id: 'Mesh' })

export type MeshInput = z.output<typeof mesh>
