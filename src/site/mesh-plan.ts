// The computed plan of the mesh: which gateways have a link, their numbers, and what an interface is called. Never chance.
import { createHash } from 'node:crypto'
import { parseCidr, parseIp } from './ip.ts'
import type { Mesh, MeshGateway } from './services.ts'

const LAST_PORT = 65535
/** Linux takes 15 signs; `wg-` is three of them. */
const MAX_NAME = 12

/** The interface that people's devices dial; no gateway has this name. */
export const CLIENTS_INTERFACE = 'wg-clients'

/** What a link is for; it may be several things at once. */
export type LinkKind = 'hub' | 'bypass' | 'direct'

/** Names sorted: `a` is the smaller one. */
export interface LinkPair {
  readonly a: string
  readonly b: string
  readonly kinds: ReadonlySet<LinkKind>
}

/** Name of the interface whose other end is `peer`: the whole name where it fits, else its beginning and a hash. */
export function linkInterface(peer: string): string {
  if (peer.length <= MAX_NAME) return `wg-${peer}`
  const hash = createHash('sha256').update(peer).digest('hex').slice(0, 5)
  return `wg-${peer.slice(0, 6)}-${hash}`
}

/**
 * Number of a gateway, 1 … 65535: the one that the site file says, else made of its own address alone, so that a new gateway
 * renumbers nobody. In a small network (/24, /120 and longer) the place of the address; in a large one first comes what changes
 * from site to site: 10.99.4.1 is 5, and with `mesh.port` the number is still a port.
 */
export function gatewayNumber({ network, port }: Pick<Mesh, 'network' | 'port'>, gateway: MeshGateway): number {
  if (gateway.number !== undefined) return gateway.number
  const cidr = parseCidr(network)
  const ip = parseIp(gateway.address)
  // Malformed, or another family: told elsewhere.
  if (cidr === undefined || ip === undefined || ip.family !== cidr.family || ip.first < cidr.first) return 1
  const offset = ip.first - cidr.first
  const isSmall = (cidr.family === 4 ? 32 : 128) - cidr.prefix <= 8
  if (isSmall) return Math.max(1, Number(offset & 255n))
  const place = (offset >> 8n) + ((offset + 255n) & 255n) * 256n
  return 1 + Number(place % BigInt(Math.max(1, LAST_PORT - port)))
}

/** Every link once, in order of its names. A link of the hub with the bypass is the hub's. O(links). */
export function linkPairs({ topology, hub, bypass, direct, gateways }: Mesh): readonly LinkPair[] {
  const found = new Map<string, { a: string; b: string; kinds: Set<LinkKind> }>()
  const add = (one: string, other: string, kind: LinkKind) => {
    if (one === other) return
    const [a, b] = one < other ? [one, other] : [other, one]
    const pair = found.get(`${a}~${b}`) ?? { a, b, kinds: new Set() }
    found.set(`${a}~${b}`, pair)
    pair.kinds.add(kind)
  }
  for (const { name } of gateways) {
    if (hub !== undefined) add(hub, name, 'hub')
    if (bypass !== undefined && name !== hub) add(bypass.hub, name, 'bypass')
  }
  for (const [one, other] of direct) add(one, other, 'direct')
  if (topology === 'full')
    for (const [index, one] of gateways.entries())
      for (const other of gateways.slice(index + 1)) add(one.name, other.name, 'direct')
  return [...found.values()].sort((x, y) => compare(x.a, y.a) || compare(x.b, y.b))
}

/** By code points: the same on every machine, whatever its language. */
function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0
}
