// The interfaces of nodes as they are now, beside what the site file wants, for `orion net show`. One round trip per node.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import { NODE_NAME, refuseOther } from '../resources/host-facts.ts'
import type { Node, Site } from '../site/site.ts'
import { notInForce } from './net/interfaces-force.ts'
import { guestsOn } from './net/interfaces-guests.ts'
import { type Layout, layoutOf } from './net/interfaces-layout.ts'
import { GUEST_PORT, isWire, kernelName, type Link, type Live, liveOf } from './net/interfaces-live.ts'
import { merge } from './net/interfaces-merge.ts'
import { type Wanted, wantedOf } from './net/interfaces-wanted.ts'

export interface InterfaceRow {
  readonly name: string
  readonly kind: 'bridge' | 'bond' | 'vlan' | 'port' | 'other'
  readonly state: 'up' | 'down' | 'no cable' | 'absent'
  readonly mtu?: number
  /** Of a bridge or bond: the ports that are in it, without those of guests. */
  readonly ports: readonly string[]
  /** Guests that have a port in it. */
  readonly guests: number
  /** CIDR, without link-local ones. */
  readonly addresses: readonly string[]
  /** `=` as wanted, `~` differs, `+` wanted and not there, `?` not in the site file. */
  readonly verdict: '=' | '~' | '+' | '?'
  /** What differs, as a plan says it: `mtu 1500 → 9000`. */
  readonly differs: readonly string[]
}

export interface NodeInterfaces {
  readonly node: string
  readonly interfaces: readonly InterfaceRow[]
  /** Why they could not be read. */
  readonly problem?: {
    readonly code: OrionError['code']
    readonly message: string
    readonly suggestions: readonly string[]
  }
}

const WISH = {
  commands: {
    ...NODE_NAME.commands,
    'ip-links': ['ip', '-j', '-d', 'link'],
    'ip-addresses': ['ip', '-j', 'addr'],
    'ip-routes': ['ip', '-j', 'route'],
    'ip-routes6': ['ip', '-j', '-6', 'route'],
  },
}

/** All nodes, or those of these names, in the order of the site file. A node that cannot be read is told with its problem. */
export async function listInterfaces(
  site: Site,
  outside: Outside,
  names: readonly string[] = [],
): Promise<readonly NodeInterfaces[]> {
  const nodes = site.nodes.filter(({ name }) => names.length === 0 || names.includes(name))
  return Promise.all(
    nodes.map(async (node) => {
      try {
        const host = await outside.host(node.name)
        const seen = await host.read(WISH)
        refuseOther(node.name, seen)
        return { node: node.name, interfaces: toRows(node, liveOf(seen)) }
      } catch (error) {
        if (!(error instanceof OrionError) || outside.signal.aborted) throw error
        const { code, message, suggestions } = error
        return { node: node.name, interfaces: [], problem: { code, message, suggestions } }
      }
    }),
  )
}

/** What is wanted in its order, then what else is there. Pure. */
export function toRows(node: Node, live: Live): readonly InterfaceRow[] {
  const all = wantedOf(node, (name) => kernelName(live, name))
  const wanted = all.filter(({ name }) => name === baseOf(name)).sort((a, b) => rank(a) - rank(b))
  const known = new Set(wanted.map(({ name }) => name))
  const layout = layoutFor(all, live)
  const others = [...live.links.values()].filter(({ name, kind }) => !known.has(name) && !isPlumbing(name, kind))
  return [
    ...wanted.map((want) => toRow(live, want, layout)),
    ...others.map((link) => ({ ...seenRow(live, link), verdict: '?' as const, differs: [] })),
  ]
}

/** People look for bridges first. */
const rank = ({ kind }: Wanted): number => ['bridge', 'address', 'bond', 'port'].indexOf(kind)

/** `vmbr0:1` carries a further address of vmbr0. */
const baseOf = (name: string): string => name.split(':')[0] ?? ''

/** What the site file makes of the interfaces; a bridge for which it names no port has the ports that are in it. */
function layoutFor(all: readonly Wanted[], live: Live): Layout {
  const open = new Set(all.filter((want) => want.kind === 'bridge' && want.port === undefined).map(({ name }) => name))
  const wires = (bridge: string) => [...live.links.values()].filter((link) => link.master === bridge && isWire(link))
  const rows = [...layoutOf(merge(undefined, all))].map(
    ([name, placed]) =>
      [name, open.has(name) ? { ...placed, lower: wires(name).map((wire) => wire.name) } : placed] as const,
  )
  return new Map(rows)
}

/** The loopback, and what Proxmox VE makes for guests. */
const isPlumbing = (name: string, kind: string | undefined): boolean =>
  name === 'lo' || GUEST_PORT.test(name) || /^fwbr\d+i\d+$/.test(name) || kind === 'dummy' || kind === 'ifb'

function toRow(live: Live, want: Wanted, layout: Layout): InterfaceRow {
  const link = live.links.get(want.name)
  if (!link) {
    const kind = want.kind === 'address' ? 'vlan' : want.kind
    return {
      name: want.name,
      kind,
      state: 'absent',
      ports: [],
      guests: 0,
      addresses: [],
      verdict: '+',
      differs: [],
    }
  }
  const differs = notInForce([want], layout, live).map(
    ({ field, have, want: wanted }) =>
      `${field === want.name ? '' : `${field.replace(`${want.name} `, '')} `}${have} → ${wanted}`,
  )
  return { ...seenRow(live, link), verdict: differs.length > 0 ? '~' : '=', differs }
}

type SeenRow = Omit<InterfaceRow, 'verdict' | 'differs'>

function seenRow(live: Live, link: Link): SeenRow {
  const inside = [...live.links.values()].filter(({ master }) => master === link.name).map(({ name }) => name)
  return {
    name: link.name,
    kind: kindOf(link),
    state: !link.up ? 'down' : link.carrier ? 'up' : 'no cable',
    mtu: link.mtu,
    ports: inside.filter((name) => !GUEST_PORT.test(name)),
    guests: guestsOn(live, link.name),
    addresses: addressesOf(live, link.name),
  }
}

function kindOf({ kind }: Link): InterfaceRow['kind'] {
  if (kind === undefined) return 'port'
  return kind === 'bridge' || kind === 'bond' || kind === 'vlan' ? kind : 'other'
}

const addressesOf = (live: Live, name: string): readonly string[] =>
  (live.addresses.get(name) ?? []).filter((cidr) => !/^fe[89ab]/i.test(cidr))
