// What lies on each side of a gateway, for the firewalls that it has: its links, whose addresses come from which, its own networks.
import { contains, formatNetwork, parseCidr } from '../../site/ip.ts'
import { CLIENTS_INTERFACE } from '../../site/mesh-plan.ts'
import type { Site } from '../../site/site.ts'
import { allOf, type Prefixes, prefixesOf } from './bird-prefixes.ts'
import { type Gateway, getMesh } from './model.ts'

type Families = Readonly<Record<4 | 6, readonly string[]>>

export interface Sides {
  /** Interfaces of links. */
  readonly links: readonly string[]
  /** Those of them at whose other end is a gateway that passes on: anybody of the mesh may speak there. */
  readonly transit: readonly string[]
  /** The interface that clients dial; [] = nobody does. */
  readonly clients: readonly string[]
  readonly clientAddresses: Families
  /** Its address in the mesh, its networks and its clients. */
  readonly own: Families
  /** The whole mesh: its network, which has `own` addresses in it, and the networks of the others. */
  readonly mesh: Families
  /** Of links to gateways that pass on nothing: interface, prefix. */
  readonly neighbours: Readonly<Record<4 | 6, readonly (readonly [string, string])[]>>
}

/** Pure. */
export function sidesOf(site: Site, gateway: Gateway): Sides {
  const others = getMesh(site).gateways.filter(({ name }) => name !== gateway.name)
  const routes = (family: 4 | 6) => others.flatMap((other) => apart(site, other, family).routes)
  const network = parseCidr(site.mesh?.network ?? '')
  const spokes = gateway.links.filter(({ peer }) => peer.role === 'spoke')
  const own = both((family) => apart(site, gateway, family))
  const clientAddresses = both((family) => own[family].clients)
  return {
    links: gateway.links.map((end) => end.interface),
    transit: gateway.links.filter(({ peer }) => peer.role !== 'spoke').map((end) => end.interface),
    clients: clientAddresses[4].length + clientAddresses[6].length > 0 ? [CLIENTS_INTERFACE] : [],
    clientAddresses,
    own: both((family) => allOf(own[family])),
    mesh: both((family) => [...(network?.family === family ? [formatNetwork(network)] : []), ...routes(family)]),
    neighbours: both((family) =>
      spokes.flatMap((end) => allOf(apart(site, end.peer, family)).map((prefix) => [end.interface, prefix] as const)),
    ),
  }
}

/** Without what lies in another route of the same gateway: a set of nftables takes no range twice. */
function apart(site: Site, gateway: Gateway, family: 4 | 6): Prefixes {
  const prefixes = prefixesOf(site, gateway, family)
  if (prefixes.routes.length < 2) return prefixes
  const cidrs = [...new Set(prefixes.routes)].flatMap((text) => parseCidr(text) ?? [])
  const widest = cidrs.filter((cidr) => !cidrs.some((other) => other !== cidr && contains(other, cidr)))
  return { ...prefixes, routes: widest.map(formatNetwork) }
}

function both<Value>(of: (family: 4 | 6) => Value): Readonly<Record<4 | 6, Value>> {
  return { 4: of(4), 6: of(6) }
}
