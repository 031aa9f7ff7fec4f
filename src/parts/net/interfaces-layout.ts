// What a text of /etc/network/interfaces makes of a host: which interface has which addresses and stands on what.
import { parse, type Stanza } from './interfaces-file.ts'
import { addressOf } from './interfaces-ip.ts'
import { cidrsOf, listOf, optionsOf } from './interfaces-options.ts'

export interface Placed {
  readonly name: string
  readonly cidrs: readonly string[]
  readonly gateways: readonly string[]
  /** Gets addresses that the file does not say: `dhcp`, `auto`. */
  readonly dynamic: boolean
  /** Ports of a bridge, slaves of a bond, or what a VLAN stands on. */
  readonly lower: readonly string[]
  readonly vlan?: number
  readonly isBridge: boolean
  /** Made by Open vSwitch: `OVSBridge`, `OVSPort` … */
  readonly ovs?: string
  /** Guests' ports stay on it although they are not in the file: Debian's ifupdown2 needs to be told. */
  readonly keepsGuests: boolean
  /** Every stanza's text: equal texts make equal interfaces. */
  readonly text: string
}

export type Layout = ReadonlyMap<string, Placed>

/** The interfaces of a file, aliases (`vmbr0:1`) counted to their interface. */
export function layoutOf(text: string): Layout {
  const groups = new Map<string, Stanza[]>()
  for (const segment of parse(text)) {
    if (segment.kind !== 'stanza') continue
    const name = segment.name.replace(/:\d+$/, '')
    groups.set(name, [...(groups.get(name) ?? []), segment])
  }
  return new Map([...groups].map(([name, stanzas]) => [name, toPlaced(name, stanzas)]))
}

function toPlaced(name: string, stanzas: readonly Stanza[]): Placed {
  const every = (option: string) => stanzas.flatMap((stanza) => listOf(stanza, option))
  const bridged = stanzas.some((stanza) => optionsOf(stanza, 'bridge-ports').length > 0)
  const [, base, tag] = /^(.+)\.(\d+)$/.exec(name) ?? []
  const parent = every('vlan-raw-device')[0] ?? base
  const lower = ['bridge-ports', 'bond-slaves', 'ovs-ports', 'ovs-bonds'].flatMap(every)
  const [ovs] = every('ovs-type')
  const vlan = Number(every('vlan-id')[0] ?? tag ?? /^vlan(\d+)$/.exec(name)?.[1])
  return {
    name,
    cidrs: stanzas.flatMap(cidrsOf),
    gateways: every('gateway'),
    dynamic: stanzas.some(({ method }) => method === 'dhcp' || method === 'auto'),
    lower: parent !== undefined && !bridged ? [parent] : lower,
    ...(parent !== undefined && !bridged && Number.isInteger(vlan) && { vlan }),
    isBridge: bridged,
    ...(ovs !== undefined && { ovs }),
    keepsGuests: every('bridge-ports-condone-regex').length > 0,
    text: stanzas.map((stanza) => [stanza.raw, ...stanza.body.map(({ raw }) => raw)].join('\n')).join('\n'),
  }
}

/** The interface of the file that has this address. */
export function placeOf(layout: Layout, address: string): Placed | undefined {
  return [...layout.values()].find(({ cidrs }) => cidrs.some((cidr) => addressOf(cidr) === address))
}

/** What an interface stands on down to the wire, itself included; names that the file does not know are the wire. */
export function stackOf(layout: Layout, name: string, above: ReadonlySet<string> = new Set()): readonly string[] {
  if (above.has(name)) return []
  const placed = layout.get(name) ?? layout.get(name.replace(/\.\d+$/, ''))
  const implied = layout.has(name) || !/\.\d+$/.test(name) ? (placed?.lower ?? []) : [name.replace(/\.\d+$/, '')]
  return [name, ...implied.flatMap((lower) => stackOf(layout, lower, new Set([...above, name])))]
}

/** The wires and VLANs that an interface ends on, as `eno1` and `20`: equal = the same place in the world. */
export function groundOf(layout: Layout, name: string): string {
  const stack = stackOf(layout, name)
  const tags = stack.flatMap(
    (one) => layout.get(one)?.vlan ?? (/\.(\d+)$/.exec(one)?.[1] ? [Number(one.split('.')[1])] : []),
  )
  const wires = stack.filter((one) => (layout.get(one)?.lower.length ?? 0) === 0 && !/\.\d+$/.test(one))
  return [...new Set(wires)].sort().join('+') + [...new Set(tags)].map((tag) => `.${tag}`).join('')
}
