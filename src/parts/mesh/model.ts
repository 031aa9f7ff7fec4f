// What the site file's mesh comes to: its gateways with their numbers, and each link with its two ends, all computed.
import { parseIp } from '../../site/ip.ts'
import { gatewayNumber, type LinkKind, linkInterface, linkPairs } from '../../site/mesh-plan.ts'
import type { Mesh, MeshGateway } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'

export type { LinkKind } from '../../site/mesh-plan.ts'

export interface Gateway {
  /** A node or a guest of the site file. */
  readonly name: string
  /** 1 … 65535, of its own address alone: a new gateway renumbers nobody. */
  readonly number: number
  /** Private, RFC 6996: 4200000000 + number. */
  readonly asn: number
  /** In the mesh, without a length. */
  readonly address: string
  /** Of `address`. */
  readonly family: 4 | 6
  /** CIDRs that are reached through it. */
  readonly routes: readonly string[]
  readonly endpoint?: string
  /** UDP: of its clients; a link's is `listenPort`. */
  readonly port: number
  /** Of the underlay, in bytes, where the site file says it. */
  readonly mtu?: number
  readonly isNode: boolean
  readonly cluster: string
  readonly role: 'hub' | 'bypass' | 'spoke'
  /** Its ends, in the order of their peers' names. */
  readonly links: readonly LinkEnd[]
}

export interface Link {
  /** Both names, sorted: `fra-1~kel-1`. */
  readonly id: string
  readonly a: Gateway
  readonly b: Gateway
  /** `hub`: the hub is at an end. `bypass`: the bypass is, and the hub is not. */
  readonly kinds: ReadonlySet<LinkKind>
  /** Of a key exchange: the smaller name. */
  readonly initiator: string
}

/** A link as one of its gateways sees it. */
export interface LinkEnd {
  readonly link: Link
  readonly own: Gateway
  readonly peer: Gateway
  /** At most 15 signs. */
  readonly interface: string
  /** UDP. */
  readonly listenPort: number
  /** `fe80::…`, without a length. */
  readonly local: string
  readonly remote: string
  /** Absent where the peer has no endpoint. */
  readonly dial?: { readonly host: string; readonly port: number }
  /** Seconds; 0 = off. */
  readonly keepalive: 0 | 25
  /** BGP local preference: of the peer's own prefixes, and of those that it passes on (undefined = refused). */
  readonly preference: { readonly own: number; readonly others: number | undefined }
}

export interface MeshModel {
  /** In the order of the site file. */
  readonly gateways: readonly Gateway[]
  /** In the order of their names. */
  readonly links: readonly Link[]
}

const FIRST_ASN = 4_200_000_000
const PREFERENCE = { direct: 300, hub: 200, bypass: 100 } as const

const models = new WeakMap<Site, MeshModel>()

/** The mesh of a site; without one, nothing. Computed once for each site, in time and memory of its links. */
export function getMesh(site: Site): MeshModel {
  const known = models.get(site)
  if (known !== undefined) return known
  const model = site.mesh === undefined ? { gateways: [], links: [] } : modelOf(site, site.mesh)
  models.set(site, model)
  return model
}

/** The gateway of this name, or undefined. */
export function gatewayOf(site: Site, name: string): Gateway | undefined {
  return getMesh(site).gateways.find((gateway) => gateway.name === name)
}

/** The link between two gateways, `one~other` in either order, or undefined. */
export function linkOf(site: Site, id: string): Link | undefined {
  const [one = '', other = ''] = id.split('~')
  return gatewayOf(site, one)?.links.find(({ peer }) => peer.name === other)?.link
}

/** Both ends of a link: that of the initiator first. */
export function endsOf({ a, b }: Link): readonly [LinkEnd, LinkEnd] {
  const end = (own: Gateway, peer: Gateway) => own.links.find((each) => each.peer === peer)
  const [first, second] = [end(a, b), end(b, a)]
  if (first === undefined || second === undefined) throw new Error(`the link ${a.name}~${b.name} has no two ends`)
  return [first, second]
}

type Building = Gateway & { readonly links: LinkEnd[] }

function modelOf(site: Site, mesh: Mesh): MeshModel {
  const clusters = new Map(site.nodes.map(({ name, cluster }) => [name, cluster]))
  const guests = new Map(site.guests.map(({ name, node }) => [name, node]))
  const built = new Map<string, Building>()
  for (const gateway of mesh.gateways) {
    const node = clusters.has(gateway.name) ? gateway.name : (guests.get(gateway.name) ?? '')
    const place = { isNode: clusters.has(gateway.name), cluster: clusters.get(node) ?? '' }
    built.set(gateway.name, { ...gatewayFrom(mesh, gateway), ...place, links: [] })
  }
  const links = linkPairs(mesh).flatMap((pair): Link[] => {
    const [a, b] = [built.get(pair.a), built.get(pair.b)]
    if (a === undefined || b === undefined) return []
    const link: Link = { id: `${a.name}~${b.name}`, a, b, kinds: pair.kinds, initiator: a.name }
    a.links.push(endOf(link, a, b))
    b.links.push(endOf(link, b, a))
    return [link]
  })
  for (const { links: ends } of built.values()) ends.sort((x, y) => (x.peer.name < y.peer.name ? -1 : 1))
  return { gateways: [...built.values()], links }
}

function gatewayFrom(mesh: Mesh, gateway: MeshGateway): Omit<Gateway, 'isNode' | 'cluster' | 'links'> {
  const { name, address, routes, endpoint, mtu } = gateway
  const number = gatewayNumber(mesh, gateway)
  const port = gateway.port ?? mesh.port
  const role = name === mesh.hub ? 'hub' : name === mesh.bypass?.hub ? 'bypass' : 'spoke'
  const where = { ...(endpoint !== undefined && { endpoint }), ...(mtu !== undefined && { mtu }) }
  const family = parseIp(address)?.family ?? 4
  return { name, number, asn: FIRST_ASN + number, address, family, routes, port, role, ...where }
}

function endOf(link: Link, own: Gateway, peer: Gateway): LinkEnd {
  return {
    link,
    own,
    peer,
    interface: linkInterface(peer.name),
    listenPort: own.port + peer.number,
    local: linkLocal(own),
    remote: linkLocal(peer),
    ...(peer.endpoint !== undefined && { dial: { host: peer.endpoint, port: peer.port + own.number } }),
    // Who cannot be dialled holds the way through its NAT open; it is always this end that dials.
    keepalive: own.endpoint === undefined ? 25 : 0,
    preference: preferenceOf(link, peer),
  }
}

/** The same prefix on every interface is fine: an address of this kind means something on its own link only (RFC 4007). */
const linkLocal = ({ number }: Gateway): string => `fe80::${number.toString(16)}`

/** The same from both ends, so that packets come back the way they went. Only hub and bypass pass on what they learned. */
function preferenceOf({ kinds }: Link, peer: Gateway): LinkEnd['preference'] {
  const transit = kinds.has('hub') ? PREFERENCE.hub : kinds.has('bypass') ? PREFERENCE.bypass : PREFERENCE.direct
  const own = kinds.has('direct') ? PREFERENCE.direct : transit
  return { own, others: peer.role === 'spoke' ? undefined : transit }
}
