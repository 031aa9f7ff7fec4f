// Networks and storages of the site.
import { z } from 'zod'
import { bridgeName, mtu } from './interface.ts'
import * as s from './scalars.ts'
import { secret } from './secret.ts'
import { fields, oneOrMore, text } from './words.ts'

export const network = fields({
  bridge: bridgeName.exactOptional().describe('Linux bridge; without one the network has no NICs'),
  vlanAware: z.boolean().exactOptional().describe('The bridge filters VLANs: guests’ tags pass over one bridge'),
  vlan: z.int().min(1).max(4094).exactOptional().describe('VLAN tag of its NICs'),
  mtu: mtu.exactOptional(),
  ipv4: s.network4.exactOptional().describe('IPv4 network, such as 192.168.1.0/24'),
  ipv6: s.network6.exactOptional().describe('IPv6 network; guests get an address in it without being asked'),
  gateway: s.address4.exactOptional().describe('IPv4 gateway; default: the router guest, or the node’s gateway'),
  gateway6: s.address6.exactOptional().describe('IPv6 gateway; default: the router guest'),
  router: s.hostName.exactOptional().describe('Guest that routes it, and answers DHCP and router solicitations'),
  dhcp: s.addressRange4.exactOptional().describe('Addresses that the router gives out'),
  isolated: z.boolean().default(false).describe('Reaches the internet at most, and no other network of the site'),
  dns: oneOrMore(s.address).exactOptional().describe('Name servers of its guests'),
}).meta({ id: 'Network', description: 'Bridge, VLAN and addresses of a network' })

export type NetworkInput = z.output<typeof network>

const CONTENT = ['images', 'rootdir', 'vztmpl', 'backup', 'iso', 'snippets', 'import'] as const

const base = {
  content: z.array(z.enum(CONTENT)).min(1).describe('What may be put there'),
  nodes: oneOrMore(s.hostName).exactOptional().describe('Nodes that have it; default: all'),
  shared: z.boolean().exactOptional().describe('The same on all its nodes; default: as the type'),
}
const word = text(/^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/, 'a name')
const directory = { ...base, path: s.absolutePath }

/** One variant per storage type, with that type's keys as the API spells them. */
export const storage = z
  .discriminatedUnion('type', [
    fields({ type: z.literal('dir'), ...directory }),
    fields({ type: z.literal('btrfs'), ...directory }),
    fields({
      type: z.literal('zfspool'),
      ...base,
      pool: word,
      blocksize: text(/^\d+k?$/i, 'a block size such as 16k').exactOptional(),
      sparse: z.boolean().exactOptional(),
    }),
    fields({ type: z.literal('lvm'), ...base, vgname: word }),
    fields({ type: z.literal('lvmthin'), ...base, vgname: word, thinpool: word }),
    fields({
      type: z.literal('nfs'),
      ...base,
      server: s.host,
      export: s.absolutePath,
      path: s.absolutePath.exactOptional(),
      options: s.line.exactOptional(),
    }),
    fields({
      type: z.literal('cifs'),
      ...base,
      server: s.host,
      share: s.line,
      username: word.exactOptional(),
      domain: word.exactOptional(),
      smbversion: text(/^(?:default|[23](?:\.\d+)?)$/, 'an SMB version').exactOptional(),
      password: secret.exactOptional(),
    }),
    fields({
      type: z.literal('rbd'),
      ...base,
      pool: word,
      monhost: s.line.exactOptional(),
      username: word.exactOptional(),
      krbd: z.boolean().exactOptional(),
    }),
    fields({
      type: z.literal('cephfs'),
      ...base,
      path: s.absolutePath.exactOptional(),
      monhost: s.line.exactOptional(),
      username: word.exactOptional(),
      'fs-name': word.exactOptional(),
    }),
    fields({
      type: z.literal('pbs'),
      ...base,
      server: s.host,
      datastore: word,
      username: word,
      namespace: word.exactOptional(),
      port: s.port.exactOptional(),
      fingerprint: text(/^(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/, 'a SHA-256 fingerprint').exactOptional(),
      password: secret.exactOptional(),
    }),
  ])
  .meta({ id: 'Storage', description: 'A storage of Proxmox VE, with the keys of its type' })
