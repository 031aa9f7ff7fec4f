// Names of network interfaces, and the bonds of a node. All of them become configuration of a host.
import { z } from 'zod'
import * as s from './scalars.ts'
import { fields, listOf, parsed, text } from './words.ts'

/** Words that mean something else in interfaces(5) or to the kernel. */
const RESERVED = new Set('lo all none default auto regex glob noregex noglob inet inet6 bonding_masters'.split(' '))

function notReserved(name: string): string | undefined {
  return RESERVED.has(name.toLowerCase()) ? undefined : name
}

/** No dot: ifupdown2 reads `vmbr0.20` as VLAN 20 of vmbr0. */
export const bridgeName = parsed(
  /^[A-Za-z][A-Za-z0-9_-]{1,14}$/,
  'a bridge name such as vmbr0 (15 characters at most)',
  notReserved,
)

const physicalPort = parsed(
  /^[A-Za-z][A-Za-z0-9_-]{0,14}$/,
  'the name of a network port such as eno1 (15 characters at most)',
  notReserved,
)

/** A physical port, a bond, or a VLAN of one. */
export const networkPort = parsed(
  /^(?=.{1,15}$)[A-Za-z][A-Za-z0-9_-]*(?:\.[1-9]\d{0,3})?$/,
  'the name of a network port such as eno1, bond0 or eno1.20 (15 characters at most)',
  (value) => (Number(value.split('.')[1] ?? 1) <= 4094 ? notReserved(value.split('.')[0] ?? '') && value : undefined),
)

export const mtu = z.int().min(576).max(65520)

const MODES = [
  'active-backup',
  'balance-rr',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const

const bond = fields({
  ports: listOf(physicalPort, 16).describe('Physical ports that it bundles'),
  mode: z.enum(MODES).describe('active-backup needs nothing of the switch; 802.3ad (LACP) does'),
  hashPolicy: z.enum(['layer2', 'layer2+3', 'layer3+4']).exactOptional().describe('Of balance-xor and 802.3ad'),
  primary: physicalPort.exactOptional().describe('The preferred port of active-backup'),
  mtu: mtu.exactOptional(),
}).meta({ id: 'Bond', description: 'Ports bundled into one' })

/** Proxmox knows a bond by this name alone. */
export const bonds = z.record(text(/^bond\d{1,4}$/, 'the name of a bond such as bond0'), bond)

/** So many addresses of a node in one network are no mistake yet. */
export const ownAddresses = listOf(s.address, 32)
