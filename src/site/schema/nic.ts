// The NICs of a guest: network name -> address, or what else the NIC needs.
import { z } from 'zod'
import { formatIp, parseCidr, parseIp } from '../ip.ts'
import { address4, address6, name, rangeOf } from './scalars.ts'
import { fields, oneOf, parsed, text } from './words.ts'

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

/** As Proxmox VE knows them, the common ones first. */
const MODELS = [
  ...(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3', 'e1000-82540em', 'e1000-82544gc', 'e1000-82545em'] as const),
  ...(['i82551', 'i82557b', 'i82559er', 'ne2k_isa', 'ne2k_pci', 'pcnet'] as const),
] as const

const gateway = (what: string, form: typeof address4) =>
  oneOf([z.literal('none'), form], what)
    .exactOptional()
    .describe(`${what}; default: the network’s, or its router`)

const nicFields = fields({
  ipv4: ipv4.exactOptional().describe(`IPv4: ${WHAT4}`),
  ipv6: ipv6.exactOptional().describe(`IPv6: ${WHAT6}; default: computed from the network’s prefix`),
  vlan: z.int().min(1).max(4094).exactOptional().describe('VLAN tag; default: the network’s'),
  mtu: z.int().min(576).max(65520).exactOptional().describe('Default: the network’s'),
  model: z.enum(MODELS).exactOptional().describe('VMs; default: virtio'),
  firewall: z.boolean().exactOptional().describe('Proxmox’s firewall on this NIC; default: false'),
  gateway: gateway('none, or an IPv4 address', address4),
  gateway6: gateway('none, or an IPv6 address', address6),
  mac: text(/^[0-9A-Fa-f][02468ACEace](?::[0-9A-Fa-f]{2}){5}$/, 'a MAC address of one card such as BC:24:11:00:00:01')
    .transform((value) => value.toUpperCase())
    .exactOptional()
    .describe('Default: computed from site, VMID and place'),
  index: z.int().min(0).max(31).exactOptional().describe('2 is net2; default: its place in the list'),
})

export type NicInput = z.output<typeof nicFields>

/** `auto` is IPv6's alone, as an IPv6 address is: the NIC has no IPv4 then. */
const short = either.transform((entry): NicInput => {
  const isIpv6 = entry.kind === 'auto' || (entry.kind === 'static' && entry.family === 6)
  return isIpv6 ? { ipv6: entry, ipv4: { kind: 'none' } } : { ipv4: entry }
})
const nic = oneOf([short, nicFields], `${WHAT4}, or a map of keys`).meta({
  id: 'Nic',
  description: 'An address (range), dhcp, or { ipv4, ipv6, vlan, mtu, model, firewall, gateway, gateway6, mac, index }',
})

export const nics = z.record(name, nic).describe('NICs in order: network name to address')
