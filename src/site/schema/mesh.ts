// The mesh in the site file: gateways, links, people's devices, and Tailscale beside it.
import { z } from 'zod'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, oneOf, oneOrMore, text } from './words.ts'

const ROUTE = 'a network such as 10.1.0.0/24, or the name of one'
/** What looks like a network is told what is wrong with it as one. */
const route = text(/^(?:[0-9A-Fa-f.:]+\/\d{1,3}|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)$/, ROUTE).transform(
  (value, context): string => {
    const { success, data, error } = (value.includes('/') ? s.network : s.name).safeParse(value)
    if (success) return data
    for (const { message } of error.issues) context.addIssue({ code: 'custom', message, input: value })
    return z.NEVER
  },
)

const kem = z.enum(['ml-kem-768'])
const postQuantum = oneOf(
  [
    kem,
    fields({
      kem,
      required: z.boolean().default(true).describe('false: where a host has no OpenSSL 3.5, the link stays classical'),
    }),
  ],
  'ml-kem-768, or { kem: ml-kem-768, required: false }',
)

const gateway = fields({
  endpoint: s.host.exactOptional().describe('Where the others reach it; without one it dials out'),
  address: s.address.describe('Its address in the mesh'),
  routes: oneOrMore(route).exactOptional().describe('Networks that are reached through it'),
  number: z
    .int()
    .min(1)
    .max(65535)
    .exactOptional()
    .describe('Of its ports and AS number; default: made of its address'),
  port: s.port.exactOptional().describe('Default: that of the mesh; another one where two share a public address'),
  mtu: z.int().min(1280).max(65520).exactOptional().describe('Of the network that carries the mesh; default: measured'),
}).meta({ id: 'MeshGateway', description: 'A member of the mesh, and what is reached through it' })

const client = fields({
  address: s.address.describe('Its address in the mesh'),
  gateway: s.hostName.exactOptional().describe('Gateway that it dials; default: the hub, else the first that can be'),
}).meta({ id: 'MeshClient', description: 'A person’s device' })

const tailscale = fields({
  hosts: oneOrMore(s.hostName).describe('Nodes or guests that join the tailnet'),
  authKey: secret,
  routes: oneOrMore(route).exactOptional().describe('Networks that they offer to the tailnet'),
  tags: oneOrMore(text(/^tag:[A-Za-z][A-Za-z0-9-]{0,62}$/, 'an ACL tag such as tag:site'))
    .exactOptional()
    .describe('ACL tags'),
  port: s.port.default(41641).describe('UDP port of Tailscale’s own tunnels'),
}).meta({ id: 'MeshTailscale', description: 'Another way in for administrators, beside the mesh' })

export const mesh = fields({
  network: s.network.describe('Addresses of the mesh itself'),
  port: s.port.default(51820).describe('UDP port of clients; each link has the one of its number above it'),
  postQuantum: postQuantum.exactOptional().describe('A preshared key for each link'),
  topology: z.enum(['hub', 'full']).exactOptional().describe('Default: hub where one is named, else full'),
  hub: s.hostName.exactOptional().describe('Gateway that all others have a link with'),
  direct: z
    .array(z.tuple([s.hostName, s.hostName]))
    .exactOptional()
    .describe('Straight links beside the hub'),
  bypass: fields({ hub: s.hostName }).exactOptional().describe('The second hub, for when the first is out of reach'),
  routing: z.enum(['bgp', 'static']).default('bgp').describe('BIRD, or routes written down, which never move'),
  gateways: z.record(s.hostName, gateway).exactOptional().describe('Nodes or guests'),
  clients: z.record(s.name, client).exactOptional().describe('Devices of people'),
  tailscale: tailscale.exactOptional(),
}).meta({ id: 'Mesh', description: 'WireGuard between sites' })

export type MeshInput = z.output<typeof mesh>
