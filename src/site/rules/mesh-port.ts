// Rule: numbers, UDP ports and interface names of the mesh are each taken once, and a port is a port.
import { parseIp } from '../ip.ts'
import { CLIENTS_INTERFACE, gatewayNumber, linkInterface, linkPairs } from '../mesh-plan.ts'
import type { Mesh, MeshGateway } from '../services.ts'
import type { Finding, Path, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error } from './verdict.ts'

const LAST_PORT = 65535

/** A gateway with what its links take of its host. */
interface Taker {
  readonly gateway: MeshGateway
  readonly number: number
  readonly port: number
  /** Those that it has links with. */
  readonly peers: Taker[]
}

export function meshPorts({ mesh }: Site): Finding[] {
  if (mesh === undefined) return []
  const takers = takersOf(mesh)
  return [
    ...numbers(mesh, takers),
    ...takers.flatMap((taker) => lastPort(mesh, taker)),
    ...interfaces(takers),
    ...sharedEndpoints(takers),
    ...tailscale(mesh, takers),
  ]
}

function takersOf(mesh: Mesh): Taker[] {
  const takers = mesh.gateways.map((gateway): Taker & { readonly name: string } => ({
    name: gateway.name,
    gateway,
    number: gatewayNumber(mesh, gateway),
    port: gateway.port ?? mesh.port,
    peers: [],
  }))
  const known = byName(takers)
  for (const { a, b } of linkPairs(mesh)) {
    const [one, other] = [known.get(a), known.get(b)]
    if (one === undefined || other === undefined) continue
    one.peers.push(other)
    other.peers.push(one)
  }
  return takers
}

const pathOf = ({ gateway }: Taker, key?: string): Path => ['mesh', 'gateways', gateway.name, ...(key ? [key] : [])]
const titleOf = ({ gateway }: Taker) => `mesh.gateways.${gateway.name}`

/** Ports and AS numbers are made of them. One address twice is told as that, and a port that leaves no room as a port. */
function numbers(mesh: Mesh, takers: readonly Taker[]): Finding[] {
  const pairs = repeats(takers, ({ number }) => String(number)).filter(([one, other]) => !isOneAddress(one, other))
  const tooHigh = pairs.length === 0 ? undefined : highPort(mesh, takers)
  if (tooHigh !== undefined) return [tooHigh]
  return pairs.map(([earlier, later]) => {
    const key = later.gateway.number === undefined ? 'address' : 'number'
    const advice = key === 'address' ? `: give it a number of its own` : ''
    return error(pathOf(later, key), `number ${later.number} is taken by ${titleOf(earlier)}${advice}`)
  })
}

function isOneAddress({ gateway: one }: Taker, { gateway: other }: Taker): boolean {
  if (one.number !== undefined || other.number !== undefined) return false
  return parseIp(one.address)?.first === parseIp(other.address)?.first
}

/** Numbers made of addresses are folded into the ports above that of the mesh: where these are few, it is at fault. */
const LITTLE_ROOM = 1024

function highPort(mesh: Mesh, takers: readonly Taker[]): Finding | undefined {
  const unfolded = takers.map(({ gateway }) => gatewayNumber({ ...mesh, port: 0 }, gateway))
  const highest = Math.max(...unfolded)
  const isHigh = LAST_PORT - mesh.port < Math.min(highest, LITTLE_ROOM)
  if (!isHigh || new Set(unfolded).size < unfolded.length) return undefined
  const most = LAST_PORT - highest
  const advice = most < 1 ? 'choose a lower one' : `at most ${most}`
  return error(['mesh', 'port'], `${mesh.port} + ${highest} is over ${LAST_PORT}; ${advice}`)
}

/** One finding for each gateway: at the peer with the highest number. */
function lastPort({ port }: Mesh, taker: Taker): Finding[] {
  const highest = taker.peers.reduce<Taker | undefined>(
    (top, each) => (each.number > (top?.number ?? 0) ? each : top),
    undefined,
  )
  if (highest === undefined || taker.port + highest.number <= LAST_PORT) return []
  const path = taker.gateway.port === undefined ? ['mesh', 'port'] : pathOf(taker, 'port')
  const sum = `${taker.gateway.port ?? port} and the number ${highest.number} of ${titleOf(highest)}`
  return [error(path, `${sum} make ${taker.port + highest.number}: a port ends at ${LAST_PORT}`)]
}

/** A hub has one interface for each of the others, so that any two may meet on one host. */
function interfaces(takers: readonly Taker[]): Finding[] {
  const nameOf = ({ gateway }: Taker) => linkInterface(gateway.name)
  const clients = takers
    .filter((taker) => nameOf(taker) === CLIENTS_INTERFACE)
    .map((taker) =>
      error(pathOf(taker), `${CLIENTS_INTERFACE} is the interface of the mesh’s clients: call it otherwise`),
    )
  const twice = repeats(takers, nameOf).map(([earlier, later]) =>
    error(pathOf(later), `its interface ${nameOf(later)} is that of ${titleOf(earlier)}, too: call it otherwise`),
  )
  return [...clients, ...twice]
}

/** Two gateways behind one public address: the router before them forwards each port to one of them. */
function sharedEndpoints(takers: readonly Taker[]): Finding[] {
  const owners = new Map<string, Map<number, Taker>>()
  return takers.flatMap((taker) => {
    const { endpoint } = taker.gateway
    if (endpoint === undefined) return []
    const ports = owners.get(endpoint.toLowerCase()) ?? new Map<number, Taker>()
    owners.set(endpoint.toLowerCase(), ports)
    const own = portsOf(taker)
    const taken = own.find(({ port }) => ports.has(port))
    for (const { port } of own) if (!ports.has(port)) ports.set(port, taker)
    const owner = taken && ports.get(taken.port)
    if (taken === undefined || owner === undefined) return []
    const message = `UDP port ${taken.port} of ${endpoint} is taken by ${titleOf(owner)}: give one of them another port`
    return [error(pathOf(taker, taker.gateway.port === undefined ? 'endpoint' : 'port'), message)]
  })
}

/** Also of links that there may be one day: a host has a port for each number. */
function tailscale({ tailscale: other }: Mesh, takers: readonly Taker[]): Finding[] {
  const hosts = new Set(other?.hosts)
  return takers.flatMap((taker) => {
    if (!hosts.has(taker.gateway.name)) return []
    const kept = takers.map(({ gateway, number }) => ({ port: taker.port + number, use: `kept for ${gateway.name}` }))
    const taken = [...portsOf(taker), ...kept].find(({ port }) => port === other?.port)
    if (!taken) return []
    const message = `UDP port ${taken.port} of ${taker.gateway.name} is the mesh’s (${taken.use}): give one of them another`
    return [error(['mesh', 'tailscale', 'port'], message)]
  })
}

function portsOf({ port, peers }: Taker): { readonly port: number; readonly use: string }[] {
  const links = peers.map((peer) => ({ port: port + peer.number, use: `link with ${peer.gateway.name}` }))
  return [{ port, use: 'clients' }, ...links]
}

/** Each one whose key an earlier one has, with that one. */
function repeats(takers: readonly Taker[], keyOf: (taker: Taker) => string): [Taker, Taker][] {
  const taken = new Map<string, Taker>()
  const found: [Taker, Taker][] = []
  for (const taker of takers) {
    const earlier = taken.get(keyOf(taker))
    if (earlier === undefined) taken.set(keyOf(taker), taker)
    else found.push([earlier, taker])
  }
  return found
}
