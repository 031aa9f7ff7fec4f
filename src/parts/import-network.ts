// The networks of an imported site: one per bridge and VLAN tag, with the addresses that its nodes and guests have there.
import { parseProperties } from '../resources/property-string.ts'
import type { Discovery, FoundBridge, FoundGuest } from '../site/discovery.ts'
import { formatNetwork, parseCidr } from '../site/ip.ts'
import type { Notes } from './import-notes.ts'

export type Entry = Record<string, unknown>

/** A place for NICs: a bridge, or one VLAN of it. */
export interface FoundNetwork {
  readonly name: string
  readonly bridge: string
  readonly vlan?: number
  readonly entry: Entry
}

export type Networks = ReadonlyMap<string, FoundNetwork>

export const networkKey = (bridge: string, vlan?: number): string => `${bridge} ${vlan ?? ''}`

/** As the schema has it: no dot, 15 characters. */
const BRIDGE = /^[A-Za-z][A-Za-z0-9_-]{1,14}$/

/** Every bridge that a node's own file has, and every tag that somebody uses on one. */
export function networksOf(found: readonly Discovery[], guests: readonly FoundGuest[], notes: Notes): Networks {
  const bridges = new Map<string, FoundBridge>()
  for (const { bridges: own } of found)
    for (const bridge of own) {
      if (!BRIDGE.test(bridge.name)) notes.note('networks', `bridge ${bridge.name} has a name that is left out`)
      else if (!bridges.has(bridge.name)) bridges.set(bridge.name, bridge)
    }
  const tags = new Set([...found.flatMap(nodeTags), ...guests.flatMap(guestTags)])
  const places = [...bridges.values()].flatMap((bridge) => {
    const vlans = [...tags].flatMap((key) => (key.startsWith(`${bridge.name} `) ? [Number(key.split(' ')[1])] : []))
    return [undefined, ...vlans.sort((a, b) => a - b)].map((vlan) => ({ bridge, vlan }))
  })
  return new Map(
    places.map(({ bridge, vlan }) => [networkKey(bridge.name, vlan), toNetwork(bridge, vlan, { found, guests })]),
  )
}

function nodeTags({ vlans, bridges }: Discovery): readonly string[] {
  const onBridge = vlans.filter(
    ({ parent, addresses }) => addresses.length > 0 && bridges.some(({ name }) => name === parent),
  )
  return onBridge.map(({ parent, id }) => networkKey(parent, id))
}

function guestTags({ config }: FoundGuest): readonly string[] {
  return nicsOf(config).flatMap(({ bridge, vlan }) =>
    bridge === undefined || vlan === undefined ? [] : [networkKey(bridge, vlan)],
  )
}

/** What a NIC of a guest's configuration says of its place. */
export interface NicPlace {
  readonly index: number
  readonly bridge?: string
  readonly vlan?: number
  readonly properties: ReadonlyMap<string, string>
}

export function nicsOf(config: FoundGuest['config']): readonly NicPlace[] {
  const rows = Object.entries(config).flatMap(([key, value]) => {
    const [, index] = /^net(\d+)$/.exec(key) ?? []
    if (index === undefined) return []
    const properties = parseProperties(value, 'model')
    const [bridge, tag] = [properties.get('bridge'), Number(properties.get('tag'))]
    const vlan = Number.isInteger(tag) && tag > 0 ? { vlan: tag } : {}
    return [{ index: Number(index), properties, ...(bridge === undefined ? {} : { bridge }), ...vlan }]
  })
  return rows.sort((a, b) => a.index - b.index)
}

interface All {
  readonly found: readonly Discovery[]
  readonly guests: readonly FoundGuest[]
}

function toNetwork(bridge: FoundBridge, vlan: number | undefined, all: All): FoundNetwork {
  const name = vlan === undefined ? bridge.name : `${bridge.name}-vlan${vlan}`
  const own = all.found.flatMap((node) => nodeAddresses(node, bridge.name, vlan))
  const theirs = all.guests.flatMap((guest) => guestAddresses(guest, bridge.name, vlan))
  const isAware = all.found.some(({ bridges }) => bridges.some((one) => one.name === bridge.name && one.vlanAware))
  const isUsed = all.guests.some(({ config }) => nicsOf(config).some((nic) => nic.bridge === bridge.name))
  const entry: Entry = {
    bridge: bridge.name,
    ...(vlan === undefined ? {} : { vlan }),
    ...(isAware && vlan === undefined ? { vlanAware: true } : {}),
    // A network's MTU is that of its guests' NICs, too: where there are any, the bridge keeps its own.
    ...(bridge.mtu !== undefined && vlan === undefined && !isUsed ? { mtu: bridge.mtu } : {}),
    ...oneNetwork('ipv4', 4, own, theirs),
    ...oneNetwork('ipv6', 6, own, theirs),
  }
  return { name, bridge: bridge.name, ...(vlan === undefined ? {} : { vlan }), entry }
}

/** The node's own addresses on a bridge, or on its VLAN interface there. */
export function nodeAddresses(node: Discovery, bridge: string, vlan: number | undefined): readonly string[] {
  if (vlan === undefined) return node.bridges.find(({ name }) => name === bridge)?.addresses ?? []
  return node.vlans.filter(({ parent, id }) => parent === bridge && id === vlan).flatMap(({ addresses }) => addresses)
}

function guestAddresses({ config }: FoundGuest, bridge: string, vlan: number | undefined): readonly string[] {
  const here = nicsOf(config).filter((nic) => nic.bridge === bridge && nic.vlan === vlan)
  return here.flatMap(({ index, properties }) => {
    const said =
      config[`ipconfig${index}`] === undefined ? properties : parseProperties(config[`ipconfig${index}`] ?? '')
    return [said.get('ip'), said.get('ip6')].flatMap((text) => (text?.includes('/') ? [text] : []))
  })
}

/** The node's network; without one that of the guests, if they agree. */
function oneNetwork(key: string, family: 4 | 6, own: readonly string[], theirs: readonly string[]): Entry {
  const of = (addresses: readonly string[]) => {
    const cidrs = addresses.flatMap((text) => parseCidr(text) ?? []).filter((cidr) => cidr.family === family)
    // A single address is no network.
    return [...new Set(cidrs.filter(({ first, last }) => first !== last).map(formatNetwork))]
  }
  const [first] = of(own)
  if (first !== undefined) return { [key]: first }
  const [only, ...more] = of(theirs)
  return only === undefined || more.length > 0 ? {} : { [key]: only }
}
