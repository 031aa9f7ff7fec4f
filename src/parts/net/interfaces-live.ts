// What a host says of its own network now: iproute2's JSON as plain facts. Unknown or broken output reads as nothing.
import type { FileSet } from '../../resources/file-set.ts'
import { addressOf, type Family, formatAddress, formatCidr, holds } from './interfaces-ip.ts'

/** What one round trip brought of a host. */
export type Seen = Parameters<FileSet['files']>[0]

export interface Link {
  readonly name: string
  readonly altnames: readonly string[]
  /** `bridge`, `bond`, `vlan`, `veth`, `tun` …; undefined = a physical port. */
  readonly kind?: string
  /** The bridge or bond that it is in. */
  readonly master?: string
  /** What a VLAN interface stands on. */
  readonly parent?: string
  readonly vlan?: number
  readonly vlanFiltering: boolean
  readonly mtu: number
  readonly up: boolean
  /** False where the port is up and the cable is not. */
  readonly carrier: boolean
}

export interface Route {
  readonly family: Family
  /** CIDR; `0.0.0.0/0` and `::/0` for the default. */
  readonly to: string
  readonly via?: string
  readonly device: string
  readonly metric: number
}

/** `tap100i0` of a VM, `veth101i0` of a container; with the firewall `fwpr100p0` on the bridge, and `fwln100i0` on `fwbr100i0`. */
export const GUEST_PORT = /^(?:tap|veth|fwpr|fwln)(\d+)[ip]\d+$/

/** A port with a cable: hardware, or the veth that is a nested host's port. */
export const isWire = ({ name, kind }: Link): boolean =>
  name !== 'lo' && (kind === undefined || kind === 'veth') && !GUEST_PORT.test(name)

export interface Live {
  readonly links: ReadonlyMap<string, Link>
  /** Interface → its addresses as CIDR. */
  readonly addresses: ReadonlyMap<string, readonly string[]>
  readonly routes: readonly Route[]
  /** Neighbours that answer on the wire, as `ADDRESS INTERFACE`: an entry of another interface is no answer. */
  readonly neighbours: ReadonlySet<string>
  /** The ends of our own SSH session. */
  readonly ends?: { readonly client: string; readonly server: string }
}

export function liveOf(seen: Seen): Live {
  const links = rowsOf(seen, 'ip-links').map(toLink)
  const ends = seen.commands.get('ssh-ends')?.stdout.trim().split(/\s+/).map(formatAddress)
  const [client, server] = ends ?? []
  return {
    links: new Map(links.map((link) => [link.name, link])),
    addresses: new Map(rowsOf(seen, 'ip-addresses').map((row) => [text(row.ifname), addressesOf(row)])),
    routes: [
      ...rowsOf(seen, 'ip-routes').map((row) => toRoute(row, 'inet')),
      ...rowsOf(seen, 'ip-routes6').map((row) => toRoute(row, 'inet6')),
    ],
    neighbours: new Set(
      rowsOf(seen, 'ip-neighbours')
        .filter(answers)
        .map((row) => `${formatAddress(text(row.dst))} ${text(row.dev)}`),
    ),
    ...(client && server && { ends: { client, server } }),
  }
}

/** The name that the kernel uses for a port: an altname becomes its interface's name, anything else stays. */
export function kernelName(live: Live, name: string): string {
  if (live.links.has(name)) return name
  return [...live.links.values()].find(({ altnames }) => altnames.includes(name))?.name ?? name
}

/** The interface that has this address. */
export function interfaceWith(live: Live, address: string): string | undefined {
  return [...live.addresses].find(([, cidrs]) => cidrs.some((cidr) => addressOf(cidr) === address))?.[0]
}

/** The route that packets to an address take: the longest prefix, then the lowest metric. */
export function routeTo(live: Live, address: string): Route | undefined {
  const length = (route: Route) => Number(route.to.split('/')[1])
  const fit = live.routes.filter(({ to }) => holds(to, address))
  return fit.sort((a, b) => length(b) - length(a) || a.metric - b.metric)[0]
}

type Row = Readonly<Record<string, unknown>>

function rowsOf(seen: Seen, name: string): readonly Row[] {
  const output = seen.commands.get(name)
  if (output === undefined || output.code !== 0) return []
  try {
    const rows: unknown = JSON.parse(output.stdout || '[]')
    return Array.isArray(rows) ? rows.filter(isRow) : []
  } catch {
    return []
  }
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const rowOf = (value: unknown): Row => (isRow(value) ? value : {})
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : [])

function toLink(row: Row): Link {
  const info = rowOf(row.linkinfo)
  const data = rowOf(info.info_data)
  const flags = textsOf(row.flags)
  return {
    name: text(row.ifname),
    altnames: textsOf(row.altnames),
    ...(info.info_kind !== undefined && { kind: text(info.info_kind) }),
    ...(row.master !== undefined && { master: text(row.master) }),
    ...(row.link !== undefined && info.info_kind === 'vlan' && { parent: text(row.link) }),
    ...(typeof data.id === 'number' && { vlan: data.id }),
    vlanFiltering: data.vlan_filtering === 1,
    mtu: Number(row.mtu ?? 0),
    up: flags.includes('UP'),
    carrier: !flags.includes('UP') || flags.includes('LOWER_UP'),
  }
}

function addressesOf(row: Row): readonly string[] {
  const infos = Array.isArray(row.addr_info) ? row.addr_info.filter(isRow) : []
  return infos.map((info) => formatCidr(text(info.local), String(info.prefixlen)))
}

function toRoute(row: Row, family: Family): Route {
  const all = family === 'inet' ? '0.0.0.0/0' : '::/0'
  return {
    family,
    to: row.dst === 'default' ? all : formatCidr(text(row.dst)),
    ...(row.gateway !== undefined && { via: formatAddress(text(row.gateway)) }),
    device: text(row.dev),
    metric: Number(row.metric ?? 0),
  }
}

/** A neighbour with a hardware address that is not given up on. */
function answers(row: Row): boolean {
  return row.lladdr !== undefined && !textsOf(row.state).some((state) => state === 'FAILED' || state === 'INCOMPLETE')
}
