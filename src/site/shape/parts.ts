// Devices, the Keeper, the firewall, BGP and the mesh: names resolved, defaults applied.

import { parseCidr } from '../ip.ts'
import { didYouMean } from '../nearest.ts'
import type { MeshInput } from '../schema/parts.ts'
import type { Bgp, Device, Firewall, Keeper, Mesh } from '../services.ts'
import type { Path } from '../site.ts'
import { type Context, compact } from './context.ts'

export function shapeDevices(context: Context): Device[] {
  return Object.entries(context.input.devices ?? {}).flatMap(([name, device]) => {
    const path: Path = ['devices', name]
    if (!context.has('nodes', device.node, [...path, 'node'])) return []
    const guest = device.guest === undefined ? undefined : context.guest(device.guest, [...path, 'guest'])
    const standby = (device.standby ?? []).flatMap((entry, index) => context.group(entry, [...path, 'standby', index]))
    return [compact({ ...device, name, guest, standby })]
  })
}

export function shapeKeeper(context: Context): Keeper | undefined {
  const { keeper } = context.input
  if (keeper === undefined) return undefined
  const { temperature, watchdog } = keeper
  const groups = (key: 'shed' | 'balloonIdle') =>
    (keeper[key] ?? []).flatMap((entry, index) => context.group(entry, ['keeper', key, index]))
  return compact({
    temperature: temperature && { limitCelsius: temperature.limit, resumeCelsius: temperature.resume },
    shed: groups('shed'),
    balloonIdle: groups('balloonIdle'),
    watchdog:
      watchdog && compact({ device: watchdog.device, timeoutSeconds: watchdog.timeout, serial: watchdog.serial }),
  })
}

export function shapeFirewall(context: Context): Firewall | undefined {
  const { firewall } = context.input
  const router = firewall && context.guest(firewall.router, ['firewall', 'router'])
  if (firewall === undefined || router === undefined) return undefined
  return {
    router,
    allow: firewall.allow.map((rule, index) => ({
      from: rule.from.flatMap((name, at) => endsOf(context, name, ['firewall', 'allow', index, 'from', at])),
      to: rule.to.flatMap((name, at) => endsOf(context, name, ['firewall', 'allow', index, 'to', at])),
      tcp: rule.tcp ?? [],
      udp: rule.udp ?? [],
      icmp: rule.icmp,
    })),
    masquerade: (firewall.masquerade ?? []).filter((name, index) =>
      context.has('networks', name, ['firewall', 'masquerade', index]),
    ),
  }
}

/** A network, or the guests of this name. */
function endsOf(context: Context, name: string, path: Path): readonly string[] {
  const { networks = {} } = context.input
  if (Object.hasOwn(networks, name) || context.damaged('networks', name)) return [name]
  if (context.guests.has(name) || context.damaged('guests', name)) return context.group(name, path)
  context.report(
    path,
    `no network or guest is called "${name}"${didYouMean(name, [...Object.keys(networks), ...context.guests.keys()])}`,
  )
  return []
}

export function shapeBgp(context: Context): Bgp | undefined {
  const { bgp } = context.input
  const router = bgp && context.guest(bgp.router, ['bgp', 'router'])
  if (bgp === undefined || router === undefined) return undefined
  const peers = Object.entries(bgp.peers ?? {}).map(([name, peer]) => ({ name, ...peer }))
  return { ...bgp, router, announce: bgp.announce ?? [], peers }
}

export function shapeMesh(context: Context): Mesh | undefined {
  const { mesh } = context.input
  if (mesh === undefined) return undefined
  const gateways = Object.entries(mesh.gateways ?? {}).flatMap(([name, gateway]) => {
    const path: Path = ['mesh', 'gateways', name]
    if (!isHost(context, name, path)) return []
    const routes = (gateway.routes ?? []).flatMap((route, index) =>
      routesOf(context, route, [...path, 'routes', index]),
    )
    return [{ ...gateway, name, routes }]
  })
  const isGateway = (name: string, path: Path) => {
    const known = Object.keys(mesh.gateways ?? {})
    if (!known.includes(name))
      context.report(path, `no gateway of the mesh is called "${name}"${didYouMean(name, known)}`)
    return gateways.some((gateway) => gateway.name === name)
  }
  const topology = mesh.topology ?? (mesh.hub === undefined ? 'full' : 'hub')
  if (topology === 'hub' && mesh.hub === undefined && gateways.length > 1)
    context.report(['mesh'], `${gateways.length} gateways and no hub: name one, or set the topology to full`)
  return compact({
    network: mesh.network,
    port: mesh.port,
    postQuantum: mesh.postQuantum,
    topology,
    ...links(mesh, isGateway),
    gateways,
    clients: Object.entries(mesh.clients ?? {}).map(([name, client]) => ({ name, ...client })),
  })
}

function links(mesh: MeshInput, isGateway: (name: string, path: Path) => boolean) {
  const direct = (mesh.direct ?? []).filter((pair, index) => {
    return pair.map((name, end) => isGateway(name, ['mesh', 'direct', index, end])).every(Boolean)
  })
  const hub = mesh.hub !== undefined && isGateway(mesh.hub, ['mesh', 'hub']) ? mesh.hub : undefined
  const bypass =
    mesh.bypass !== undefined && isGateway(mesh.bypass.hub, ['mesh', 'bypass', 'hub']) ? mesh.bypass : undefined
  return { hub, direct, bypass }
}

/** A gateway of the mesh is a node or a guest. */
function isHost(context: Context, name: string, path: Path): boolean {
  if (Object.hasOwn(context.input.nodes, name)) return true
  if (context.guests.has(name)) return context.guest(name, path) !== undefined
  if (!context.damaged('nodes', name) && !context.damaged('guests', name)) {
    context.report(
      path,
      `no node or guest is called "${name}"${didYouMean(name, [...Object.keys(context.input.nodes), ...context.guests.keys()])}`,
    )
  }
  return false
}

/** The CIDRs that a route stands for: itself, or those of the network that it names. */
function routesOf(context: Context, route: string, path: Path): string[] {
  if (parseCidr(route) !== undefined) return [route]
  if (!context.has('networks', route, path)) return []
  const network = context.input.networks?.[route]
  const routes = [network?.ipv4, network?.ipv6].filter((cidr) => cidr !== undefined)
  if (routes.length === 0) context.report(path, `network ${route} has neither ipv4 nor ipv6`)
  return routes
}
