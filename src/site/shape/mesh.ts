// The mesh: names resolved, and what the file leaves open decided.
import { parseCidr } from '../ip.ts'
import { didYouMean } from '../nearest.ts'
import type { MeshInput } from '../schema/mesh.ts'
import type { Mesh, MeshClient, MeshGateway, MeshTailscale } from '../services.ts'
import type { Path } from '../site.ts'
import { type Context, compact } from './context.ts'

type IsGateway = (name: string, path: Path) => boolean

export function shapeMesh(context: Context): Mesh | undefined {
  const { mesh } = context.input
  if (mesh === undefined) return undefined
  const gateways = gatewaysOf(context, mesh)
  const isGateway: IsGateway = (name, path) => {
    const known = Object.keys(mesh.gateways ?? {})
    if (!known.includes(name))
      context.report(path, `no gateway of the mesh is called "${name}"${didYouMean(name, known)}`)
    return gateways.some((gateway) => gateway.name === name)
  }
  const centres = links(mesh, isGateway)
  return compact({
    network: mesh.network,
    port: mesh.port,
    postQuantum: typeof mesh.postQuantum === 'string' ? { kem: mesh.postQuantum, required: true } : mesh.postQuantum,
    topology: topologyOf(context, mesh, gateways.length),
    ...centres,
    routing: mesh.routing,
    gateways,
    clients: clientsOf(mesh, isGateway, centres.hub ?? gateways.find(({ endpoint }) => endpoint !== undefined)?.name),
    tailscale: tailscaleOf(context, mesh),
  })
}

function gatewaysOf(context: Context, mesh: MeshInput): MeshGateway[] {
  return Object.entries(mesh.gateways ?? {}).flatMap(([name, gateway]) => {
    const path: Path = ['mesh', 'gateways', name]
    if (!isHost(context, name, path)) return []
    return [{ ...gateway, name, routes: routesOf(context, gateway.routes, path) }]
  })
}

function topologyOf(context: Context, { topology, hub, bypass }: MeshInput, gateways: number): Mesh['topology'] {
  const own = topology ?? (hub === undefined ? 'full' : 'hub')
  if (own === 'hub' && hub === undefined && gateways > 1)
    context.report(['mesh'], `${gateways} gateways and no hub: name one, or set the topology to full`)
  else if (hub === undefined && bypass !== undefined)
    context.report(['mesh', 'bypass'], 'is the second hub, and there is no first: name a hub')
  return own
}

function links(mesh: MeshInput, isGateway: IsGateway) {
  const direct = (mesh.direct ?? []).filter((pair, index) => {
    return pair.map((name, end) => isGateway(name, ['mesh', 'direct', index, end])).every(Boolean)
  })
  const hub = mesh.hub !== undefined && isGateway(mesh.hub, ['mesh', 'hub']) ? mesh.hub : undefined
  const bypass =
    mesh.bypass !== undefined && isGateway(mesh.bypass.hub, ['mesh', 'bypass', 'hub']) ? mesh.bypass : undefined
  return { hub, direct, bypass }
}

function clientsOf(mesh: MeshInput, isGateway: IsGateway, usual: string | undefined): MeshClient[] {
  return Object.entries(mesh.clients ?? {}).map(([name, { address, gateway = usual }]) => {
    const path: Path = ['mesh', 'clients', name, 'gateway']
    const dials = gateway !== undefined && isGateway(gateway, path) ? gateway : undefined
    return compact({ name, address, gateway: dials })
  })
}

function tailscaleOf(context: Context, { tailscale }: MeshInput): MeshTailscale | undefined {
  if (tailscale === undefined) return undefined
  const path: Path = ['mesh', 'tailscale']
  const hosts = tailscale.hosts.flatMap((name, index) => hostsOf(context, name, [...path, 'hosts', index]))
  return { ...tailscale, hosts, routes: routesOf(context, tailscale.routes, path), tags: tailscale.tags ?? [] }
}

/** A gateway of the mesh is one node or one guest. */
function isHost(context: Context, name: string, path: Path): boolean {
  const hosts = hostsOf(context, name, path)
  return hosts.length === 1 || (hosts.length > 1 && context.guest(name, path) !== undefined)
}

/** The node, or the guests, of this name. */
function hostsOf(context: Context, name: string, path: Path): readonly string[] {
  const { nodes } = context.input
  if (Object.hasOwn(nodes, name)) return [name]
  if (context.guests.has(name)) return context.group(name, path)
  const known = [...Object.keys(nodes), ...context.guests.keys()]
  if (!context.damaged('nodes', name) && !context.damaged('guests', name))
    context.report(path, `no node or guest is called "${name}"${didYouMean(name, known)}`)
  return []
}

/** The CIDRs that routes stand for: themselves, or those of the networks that they name. */
function routesOf(context: Context, routes: readonly string[] | undefined, path: Path): string[] {
  return (routes ?? []).flatMap((route, index) => cidrsOf(context, route, [...path, 'routes', index]))
}

function cidrsOf(context: Context, route: string, path: Path): string[] {
  if (parseCidr(route) !== undefined) return [route]
  if (!context.has('networks', route, path)) return []
  const network = context.input.networks?.[route]
  const routes = [network?.ipv4, network?.ipv6].filter((cidr) => cidr !== undefined)
  if (routes.length === 0) context.report(path, `network ${route} has neither ipv4 nor ipv6`)
  return routes
}
