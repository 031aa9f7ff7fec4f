// Clusters, nodes, and how orion reaches them.
import { z } from 'zod'
import { nodeCommon, swaps, zram } from './host.ts'
import { install } from './install.ts'
import { bonds, networkPort, ownAddresses } from './interface.ts'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, oneOrMore, text } from './words.ts'

export const cluster = fields({
  location: z
    .tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)])
    .exactOptional()
    .describe('Latitude and longitude in degrees'),
  jurisdiction: text(/^[A-Z]{2}$/, 'a country code such as CA')
    .exactOptional()
    .describe('Country, such as CA'),
  powerGrid: s.line.exactOptional().describe('Who brings the power'),
  isp: oneOrMore(s.line).exactOptional().describe('Who brings the internet'),
  tier: z
    .enum(['command', 'workhorse', 'edge'])
    .exactOptional()
    .describe('command: 64G and dual power; workhorse: 32G; edge: 16G'),
  electricity: z.number().min(0).exactOptional().describe('Price per kWh'),
}).meta({ id: 'Cluster', description: 'A cluster, and the risks that it shares with others' })

const TOKEN = 'must be { id: user@realm!name, secret: { env: NAME } }: the secret is a reference, never the value'

/** Somebody may have put the whole token here: no message repeats it. */
const token = fields(
  {
    id: z
      .string({ error: (issue) => (issue.input === undefined ? undefined : TOKEN) })
      .regex(/^[^\s\p{Cc}@!/:=]+@[A-Za-z][A-Za-z0-9._-]+![A-Za-z][A-Za-z0-9._-]+$/u, { error: () => TOKEN })
      .describe('user@realm!name'),
    secret,
  },
  TOKEN,
)

const api = fields({
  port: s.port.default(8006).describe('Port of the API'),
  fingerprint: text(/^(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/, 'a SHA-256 fingerprint (32 bytes, AA:BB:…)')
    .transform((value) => value.toUpperCase())
    .exactOptional()
    .describe('SHA-256 of the API’s certificate'),
  token: token.exactOptional().describe('API token: id, and where its secret is'),
}).meta({ id: 'Api', description: 'How the Proxmox API is reached' })

export const node = fields({
  cluster: s.name.exactOptional().describe('Cluster it belongs to; default: the only one'),
  address: s.host.describe('Where SSH and the Proxmox API answer'),
  gateway: s.address4.exactOptional().describe('IPv4 default gateway of the node itself'),
  gateway6: s.address6.exactOptional().describe('IPv6 default gateway of the node itself; may be link-local'),
  bmc: s.address.exactOptional().describe('iDRAC, iLO or IPMI'),
  ports: z.record(s.name, networkPort).exactOptional().describe('Network name to physical port, bond, or VLAN eno1.20'),
  bonds: bonds.exactOptional().describe('Ports bundled into one'),
  addresses: z.record(s.name, ownAddresses).exactOptional().describe('Network name to the node’s own addresses in it'),
  keepInterfaces: z.boolean().exactOptional().describe('/etc/network/interfaces stays as it is: orion leaves it alone'),
  hardware: fields({
    threads: z.int().min(1).exactOptional().describe('Logical CPUs'),
    cores: z.int().min(1).exactOptional().describe('Physical cores'),
    memory: s.sizeMib.exactOptional().describe('Memory, such as 384G'),
    power: z.enum(['single', 'dual']).exactOptional().describe('Power supplies'),
  })
    .exactOptional()
    .describe('What the guests are held against'),
  zfs: fields({ arcMax: s.sizeMib.exactOptional().describe('Limit of the read cache, such as 8G') }).exactOptional(),
  zram: zram.exactOptional().describe('Compressed swap in memory'),
  swap: swaps.exactOptional().describe('Swap beside zram'),
  ...nodeCommon,
  api: api.exactOptional(),
  install: install.exactOptional().describe('How the installer of Proxmox VE makes it, without anybody at its console'),
}).meta({ id: 'Node', description: 'A Proxmox VE node' })

export const access = fields({
  role: text(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'a role name').default('Orion'),
  user: text(/^[^\s\p{Cc}@!/:]{1,60}@[A-Za-z][A-Za-z0-9._-]+$/u, 'a user such as orion@pve').default('orion@pve'),
  token: text(/^[A-Za-z][A-Za-z0-9._-]+$/, 'a token name').default('orion'),
}).meta({ id: 'Access', description: 'The role, user and token that orion makes for itself' })
