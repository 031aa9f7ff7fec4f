// The NICs of a guest: network name -> address, or what else the NIC needs.
import { z } from 'zod'
import { formatIp, parseCidr, parseIp } from '../ip.ts'
import { name, rangeOf } from './scalars.ts'
import { fields, oneOf, parsed } from './words.ts'

/** Addresses of one family as written; a range gives each guest of an id range its own. */
export type AddressInput =
  | { readonly kind: 'dhcp' | 'auto' | 'none' }
  | {
      readonly kind: 'static'
      readonly family: 4 | 6
      readonly first: string
      readonly last: string
      readonly prefix?: number
    }

const WHAT4 = 'dhcp, none, an IPv4 address, or a range of them (192.168.1.61-192.168.1.63)'
const WHAT6 = 'auto, dhcp, none, an IPv6 address, or a range of them'
const FORM = /^(?:dhcp|auto|none|[0-9A-Fa-f.:]+(?:\/\d{1,3}|-[0-9A-Fa-f.:]+)?)$/

const ipv4 = parsed(FORM, WHAT4, (value) => readAddress(value, 4))
const ipv6 = parsed(FORM, WHAT6, (value) => readAddress(value, 6))
/** The short form says the family by itself. */
const either = parsed(FORM, WHAT4, (value) => readAddress(value, 4) ?? readAddress(value, 6))

function readAddress(value: string, family: 4 | 6): AddressInput | undefined {
  if (value === 'dhcp' || value === 'none') return { kind: value }
  if (value === 'auto') return family === 6 ? { kind: 'auto' } : undefined
  const range = rangeOf(value)
  const cidr = parseCidr(value)
  const ip = cidr === undefined ? parseIp(value) : undefined
  if ((cidr ?? ip ?? parseIp(range?.first ?? ''))?.family !== family) return undefined
  if (range !== undefined) return { kind: 'static', family, ...range }
  if (cidr !== undefined) {
    const own = formatIp(cidr.family, cidr.address)
    return { kind: 'static', family, first: own, last: own, prefix: cidr.prefix }
  }
  const own = ip === undefined ? value : formatIp(ip.family, ip.first)
  return { kind: 'static', family, first: own, last: own }
}

const nicFields = fields({
  ipv4: ipv4.exactOptional().describe(`IPv4: ${WHAT4}`),
  ipv6: ipv6.exactOptional().describe(`IPv6: ${WHAT6}; default: computed from the network’s prefix`),
  vlan: z.int().min(1).max(4094).exactOptional().describe('VLAN tag; default: the network’s'),
  mtu: z.int().min(576).max(65520).exactOptional().describe('Default: the network’s'),
  model: z.enum(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3']).exactOptional().describe('VMs; default: virtio'),
  firewall: z.boolean().exactOptional().describe('Proxmox’s firewall on this NIC; default: false'),
})

export type NicInput = z.output<typeof nicFields>

const short = either.transform(
  (entry): NicInput =>
    entry.kind === 'static' && entry.family === 6 ? { ipv6: entry, ipv4: { kind: 'none' } } : { ipv4: entry },
)
const nic = oneOf([short, nicFields], `${WHAT4}, or a map of keys`).meta({
  id: 'Nic',
  description: 'An address (range), dhcp, or { ipv4, ipv6, vlan, mtu, model, firewall }',
})

export const nics = z.record(name, nic).describe('NICs in order: network name to address')
