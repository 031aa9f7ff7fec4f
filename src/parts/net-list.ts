// The interfaces of nodes as they are now, beside what the site file wants, for `orion net show`. One round trip per node.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Node, Site } from '../site/site.ts'
import { kernelName, type Link, type Live, liveOf } from './net/interfaces-live.ts'
import { type Wanted, wantedOf } from './net/interfaces-wanted.ts'

export interface InterfaceRow {
  readonly name: string
  readonly kind: 'bridge' | 'bond' | 'vlan' | 'port' | 'other'
  readonly state: 'up' | 'down' | 'no cable' | 'absent'
  readonly mtu?: number
  /** Of a bridge or bond: the ports that are in it, without those of guests. */
  readonly ports: readonly string[]
  /** Taps and veths of guests that are in it. */
  readonly guestPorts: number
  /** CIDR, without link-local ones. */
  readonly addresses: readonly string[]
  /** `=` as wanted, `~` differs, `+` wanted and not there, `?` not in the site file. */
  readonly verdict: '=' | '~' | '+' | '?'
  /** What differs, in words. */
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

const WISH = { commands: { 'ip-links': ['ip', '-j', '-d', 'link'], 'ip-addresses': ['ip', '-j', 'addr'] } }

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
        return { node: node.name, interfaces: toRows(node, liveOf(await host.read(WISH))) }
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
  const others = [...live.links.values()].filter(({ name, kind }) => !known.has(name) && !isPlumbing(name, kind))
  return [
    ...wanted.map((want) => toRow(live, want, getAddresses(all, want.name))),
    ...others.map((link) => ({ ...seenRow(live, link), verdict: '?' as const, differs: [] })),
  ]
}

/** People look for bridges first. */
const rank = ({ kind }: Wanted): number => ['bridge', 'address', 'bond', 'port'].indexOf(kind)

/** `vmbr0:1` carries a further address of vmbr0. */
const baseOf = (name: string): string => name.split(':')[0] ?? ''

function getAddresses(all: readonly Wanted[], name: string): readonly string[] {
  const carriers = all.filter((want) => baseOf(want.name) === name)
  return carriers
    .flatMap((want) => ('addressing' in want ? Object.values(want.addressing) : []))
    .map(({ address }) => address)
}

/** The loopback, and what Proxmox VE makes for guests. */
const isGuestPort = (name: string): boolean => /^(tap|veth|fwpr|fwln|fwbr)\d+/.test(name)
const isPlumbing = (name: string, kind: string | undefined): boolean =>
  name === 'lo' || isGuestPort(name) || kind === 'dummy' || kind === 'ifb'

function toRow(live: Live, want: Wanted, wanted: readonly string[]): InterfaceRow {
  const link = live.links.get(want.name)
  if (!link) {
    const kind = want.kind === 'address' ? 'vlan' : want.kind
    return {
      name: want.name,
      kind,
      state: 'absent',
      ports: [],
      guestPorts: 0,
      addresses: [],
      verdict: '+',
      differs: [],
    }
  }
  const differs = compare(live, link, want, wanted)
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
    ports: inside.filter((name) => !isGuestPort(name)),
    guestPorts: inside.filter(isGuestPort).length,
    addresses: addressesOf(live, link.name),
  }
}

function kindOf({ kind }: Link): InterfaceRow['kind'] {
  if (kind === undefined) return 'port'
  return kind === 'bridge' || kind === 'bond' || kind === 'vlan' ? kind : 'other'
}

const addressesOf = (live: Live, name: string): readonly string[] =>
  (live.addresses.get(name) ?? []).filter((cidr) => !/^fe[89ab]/i.test(cidr))

/** What is not as wanted, in words. */
function compare(live: Live, link: Link, want: Wanted, wanted: readonly string[]): readonly string[] {
  const inside = new Set([...live.links.values()].filter(({ master }) => master === link.name).map(({ name }) => name))
  const ports = want.kind === 'bond' ? want.bond.ports : want.kind === 'bridge' && want.port ? [want.port] : []
  const addresses = new Set(live.addresses.get(want.name))
  const missing = wanted.filter((cidr) => !addresses.has(cidr))
  return [
    ...(!link.up ? ['is down'] : []),
    ...ports.filter((port) => !inside.has(port)).map((port) => `port ${port} is not in it`),
    ...missing.map((cidr) => `${cidr} is missing`),
    ...(want.mtu !== undefined && want.mtu !== link.mtu ? [`mtu is not ${want.mtu}`] : []),
    ...(want.kind === 'bridge' && want.vlanAware !== link.vlanFiltering
      ? [want.vlanAware ? 'is not VLAN-aware' : 'is VLAN-aware']
      : []),
  ]
}
