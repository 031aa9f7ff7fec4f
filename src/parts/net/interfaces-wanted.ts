// What the site file wants of a node's interfaces: ports, bonds, bridges, and the addresses on them, in Proxmox's order.
import type { Bond, Bridge, BridgeAddress, Node } from '../../site/site.ts'
import { type Family, familyOf, formatCidr } from './interfaces-ip.ts'

/** One address with its gateway, of one family. */
export interface Addressing {
  readonly address: string
  readonly gateway: string | undefined
}

interface Named {
  readonly name: string
  /** Brought up by `ifreload -a` by itself, not as another one's port. */
  readonly auto: boolean
  readonly mtu?: number | undefined
}

export type Wanted =
  | (Named & { readonly kind: 'port' })
  | (Named & { readonly kind: 'bond'; readonly bond: Bond })
  | (Named & { readonly kind: 'bridge'; readonly port: string | undefined; readonly vlanAware: boolean } & Addressed)
  /** Carries addresses alone: a VLAN interface on a bridge (`vmbr0.20`), or a further address as alias (`vmbr0:1`). */
  | (Named & { readonly kind: 'address' } & Addressed)

interface Addressed {
  readonly addressing: Readonly<Partial<Record<Family, Addressing>>>
}

/** `resolve` turns an altname into the kernel's name. Order, as Proxmox sorts: ports, bonds, bridges, then what stands on bridges. */
export function wantedOf(node: Node, resolve: (name: string) => string): readonly Wanted[] {
  const bridges = node.bridges.map((bridge) => ({
    ...bridge,
    ...(bridge.port && { port: portOf(bridge.port, resolve) }),
  }))
  const bonds = node.bonds.map((bond) => toBond(bond, bridges, resolve))
  const ports = toPorts(bridges, bonds)
  const onBonds = new Set(bonds.map(({ name }) => name))
  const isOnBond = ({ name }: Wanted) => onBonds.has(baseOf(name))
  return [
    ...ports.filter((port) => !isOnBond(port)),
    ...bonds,
    ...ports.filter(isOnBond),
    ...bridges.map(toBridge),
    ...bridges.flatMap(toExtras),
  ]
}

/** `eno1` of `eno1.20`. */
export const baseOf = (port: string): string => port.replace(/\.\d+$/, '')

function portOf(port: string, resolve: (name: string) => string): string {
  const base = baseOf(port)
  return `${resolve(base)}${port.slice(base.length)}`
}

const largest = (mtus: readonly (number | undefined)[]): number | undefined => {
  const said = mtus.filter((mtu) => mtu !== undefined)
  return said.length === 0 ? undefined : Math.max(...said)
}

type WantedBond = Extract<Wanted, { kind: 'bond' }>

/** A bond carries at least what the bridges on it carry. */
function toBond(bond: Bond, bridges: readonly Bridge[], resolve: (name: string) => string): WantedBond {
  const above = bridges.filter(({ port }) => port !== undefined && baseOf(port) === bond.name).map(({ mtu }) => mtu)
  const { primary } = bond
  const named = { ...bond, ports: bond.ports.map(resolve), ...(primary !== undefined && { primary: resolve(primary) }) }
  return { kind: 'bond', name: bond.name, auto: true, bond: named, mtu: largest([bond.mtu, ...above]) }
}

/** Physical ports and VLANs of them; a bond's ports start by themselves, as Proxmox writes them. */
function toPorts(bridges: readonly Bridge[], bonds: readonly WantedBond[]): readonly Wanted[] {
  const ports = new Map<string, { auto: boolean; mtu: number | undefined }>()
  const add = (name: string, auto: boolean, mtu: number | undefined) => {
    const had = ports.get(name)
    ports.set(name, { auto: auto || had?.auto === true, mtu: largest([mtu, had?.mtu]) })
  }
  for (const { bond, mtu } of bonds) for (const port of bond.ports) add(port, true, mtu)
  for (const { port, mtu } of bridges) {
    if (port === undefined) continue
    if (!bonds.some(({ name }) => name === baseOf(port))) add(baseOf(port), false, mtu)
    if (port !== baseOf(port)) add(port, false, mtu)
  }
  return [...ports].map(([name, rest]) => ({ kind: 'port', name, ...rest }))
}

function toBridge(bridge: Bridge): Wanted {
  const { name, port, vlanAware, mtu } = bridge
  return { kind: 'bridge', name, auto: true, port, vlanAware, mtu, addressing: firstOf(bridge.addresses.filter(isOwn)) }
}

const isOwn = ({ vlan }: BridgeAddress): boolean => vlan === undefined

/** Proxmox keeps one address per family and interface: further ones become aliases, those of a VLAN its own interface. */
function toExtras(bridge: Bridge): readonly Wanted[] {
  const tags = [...new Set(bridge.addresses.flatMap(({ vlan }) => (vlan === undefined ? [] : [vlan])))]
  const places = [{ name: bridge.name, addresses: bridge.addresses.filter(isOwn) }].concat(
    tags.map((tag) => ({
      name: `${bridge.name}.${tag}`,
      addresses: bridge.addresses.filter(({ vlan }) => vlan === tag),
    })),
  )
  return places.flatMap(({ name, addresses }) => {
    const own: Wanted[] = name === bridge.name ? [] : [toAddress(name, addresses)]
    return [...own, ...restOf(addresses).map((address, index) => toAddress(`${name}:${index + 1}`, [address]))]
  })
}

function toAddress(name: string, addresses: readonly BridgeAddress[]): Wanted {
  return { kind: 'address', name, auto: true, addressing: firstOf(addresses) }
}

const isOf = (family: Family) => (address: BridgeAddress) => familyOf(address.cidr) === family

/** Of each family the address with the gateway, else the first. */
function leaderOf(addresses: readonly BridgeAddress[], family: Family): BridgeAddress | undefined {
  const own = addresses.filter(isOf(family))
  return own.find(({ gateway }) => gateway !== undefined) ?? own[0]
}

function firstOf(addresses: readonly BridgeAddress[]): Addressed['addressing'] {
  const [four, six] = [leaderOf(addresses, 'inet'), leaderOf(addresses, 'inet6')]
  return { ...(four && { inet: toAddressing(four) }), ...(six && { inet6: toAddressing(six) }) }
}

function restOf(addresses: readonly BridgeAddress[]): readonly BridgeAddress[] {
  return addresses.filter((address) => address !== leaderOf(addresses, familyOf(address.cidr)))
}

const toAddressing = ({ cidr, gateway }: BridgeAddress): Addressing => ({ address: formatCidr(cidr), gateway })
