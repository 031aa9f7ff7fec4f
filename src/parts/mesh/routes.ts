// How the other nodes of a gateway's cluster find the mesh: their default gateway knows nothing of it, so they are told.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, wishOf } from '../../resources/host-facts.ts'
import { contains, type Family, formatIp, type IpRange, parseCidr, parseIp } from '../../site/ip.ts'
import type { Node, Site } from '../../site/site.ts'
import { interfacesId } from '../net/node-bridges.ts'
import { unitDrift, unitFacts } from '../router/unit.ts'
import { meshProgram } from './interfaces.ts'
import { MESH_PROGRAM, ROUTES_FILE } from './link-paths.ts'
import { getLive, liveFacts } from './links-live.ts'
import { routeProblems } from './links-problems.ts'
import { liveDrift } from './links-proof.ts'
import { type Gateway, gatewayOf, getMesh } from './model.ts'
import { activateMesh, MESH_UNITS, unitFile } from './unit.ts'

/** No links, so nothing that looks after them. */
const [UNIT] = MESH_UNITS

interface Way {
  readonly prefix: string
  readonly via: string
}

/** Nodes that are no gateway, and stand in a network that one of their cluster has in its routes. */
export function routeNodes(site: Site): readonly Node[] {
  return site.nodes.filter((node) => gatewayOf(site, node.name) === undefined && waysOf(site, node).length > 0)
}

export function meshRoutesFacts(): Facts {
  return wishOf([{ files: [MESH_PROGRAM, unitFile().path, ROUTES_FILE] }, liveFacts([]), unitFacts([UNIT])])
}

/** The node's ways into the mesh, in a table of their own, in force at once and at boot. */
export function meshRoutes(site: Site, node: Node, wish: FileSet['wish']): FileSet {
  return {
    host: node.name,
    name: 'mesh-routes',
    title: `ways into the mesh of ${node.name}`,
    needs: interfacesId(node),
    wish,
    owned: true,
    files: () => [{ path: ROUTES_FILE, text: routesText(waysOf(site, node)) }, unitFile(), meshProgram()],
    problems: (seen) => [...routeProblems(site, gatewaysOf(site, node), seen), ...hopProblems(site, node, seen)],
    drift: (seen) => (seen.files.has(MESH_PROGRAM) ? [...unitDrift(seen, [UNIT]), ...liveDrift(seen)] : []),
    activate: activateMesh([UNIT]),
  }
}

function routesText(ways: readonly Way[]): string {
  const lines = ways.map(({ prefix, via }) => `${prefix} via ${via}`)
  return ['# Made by orion from the site file: PREFIX via ADDRESS of the gateway of this cluster.', ...lines, ''].join(
    '\n',
  )
}

/**
 * A next hop that is on no wire of the node is refused by its kernel. The wire may still be made: it counts where the site file
 * gives the node an address there.
 */
function hopProblems(site: Site, node: Node, seen: HostFacts): readonly string[] {
  const live = getLive(seen)
  if (live === undefined) return []
  const given = site.networks.filter(({ name }) => node.addresses[name] !== undefined)
  const near = [
    ...live.connected.map(({ prefix }) => prefix),
    ...given.flatMap(({ ipv4, ipv6 }) => [ipv4 ?? '', ipv6 ?? '']),
  ]
  const wires = near.flatMap((prefix) => parseCidr(prefix) ?? [])
  const isNear = (hop: string) => addressesIn([hop]).some((ip) => wires.some((wire) => contains(wire, ip)))
  return [...new Set(waysOf(site, node).map(({ via }) => via))]
    .filter((hop) => !isNear(hop))
    .map((hop) => `the mesh is reached by ${hop}, which is in no network of this node`)
}

/** To everything that is the mesh's, except where the node stands itself. */
function waysOf(site: Site, node: Node): readonly Way[] {
  const { mesh } = site
  if (mesh === undefined) return []
  const own = addressesIn(addressesOf(site, node.name))
  const hops = ([4, 6] as const).flatMap((family) => hopOf(site, node, family) ?? [])
  const mine = gatewaysOf(site, node).map(({ name }) => name)
  const others = getMesh(site).gateways.filter(({ name }) => !mine.includes(name))
  const prefixes = [mesh.network, ...others.flatMap(({ routes }) => routes)]
  return prefixes.flatMap((prefix) => {
    const cidr = parseCidr(prefix)
    const hop = hops.find(({ family }) => family === cidr?.family)
    return cidr && hop && !own.some((ip) => contains(cidr, ip)) ? [{ prefix, via: hop.address }] : []
  })
}

/** Of the node's cluster. */
function gatewaysOf(site: Site, { cluster }: Node): readonly Gateway[] {
  return getMesh(site).gateways.filter((gateway) => gateway.cluster === cluster)
}

/** The address of a gateway in a network of its routes in which the node stands, too; best in the one where we reach the node. */
function hopOf(site: Site, node: Node, family: Family) {
  const own = addressesIn(addressesOf(site, node.name))
  const hops = gatewaysOf(site, node).flatMap((gateway) => {
    const near = addressesIn(addressesOf(site, gateway.name)).filter((ip) => ip.family === family)
    const routes = gateway.routes.flatMap((one) => parseCidr(one) ?? [])
    return routes
      .filter((route) => own.some((ip) => contains(route, ip)))
      .flatMap((route) => near.filter((ip) => contains(route, ip)).map((ip) => ({ route, ip })))
  })
  const main = addressesIn([node.address])
  const best = hops.find(({ route }) => main.some((ip) => contains(route, ip))) ?? hops[0]
  return best && { family, address: formatIp(family, best.ip.first) }
}

function addressesIn(texts: readonly string[]): readonly IpRange[] {
  return texts.flatMap((text) => parseIp(text) ?? [])
}

/** Addresses that the site file gives a node or a guest, without lengths. */
function addressesOf(site: Site, name: string): readonly string[] {
  const node = site.nodes.find((one) => one.name === name)
  if (node) return [node.address, ...Object.values(node.addresses).flat()].map((text) => text.replace(/\/.*/, ''))
  const guest = site.guests.find((one) => one.name === name)
  const given = (guest?.nics ?? []).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
  return given.flatMap((address) => (typeof address === 'object' ? address.cidr.replace(/\/.*/, '') : []))
}
