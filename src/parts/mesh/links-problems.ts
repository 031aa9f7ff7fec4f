// Why a host cannot have these links: said before anything changes.
import { type HostFacts, READ_AT, said } from '../../resources/host-facts.ts'
import { type Cidr, contains, overlaps, parseCidr } from '../../site/ip.ts'
import { CLIENTS_INTERFACE } from '../../site/mesh-plan.ts'
import type { Site } from '../../site/site.ts'
import { clientsOf } from './client-files.ts'
import { MESH_PROGRAM, MESH_PROTO, MESH_TABLE } from './link-paths.ts'
import { getLive, type Live } from './links-live.ts'
import { type Gateway, getMesh } from './model.ts'

/** A handshake of a machine whose clock was set back is refused, and so is a key exchange of one whose clock is off. */
const CLOCK_SECONDS = 120
/** `proto` of routes in the kernel: its own, and BIRD's. */
const [KERNEL, BIRD] = [2, 12]

/** One line each; [] = nothing stands against it. Pure. */
export function linkProblems(site: Site, gateway: Gateway, seen: HostFacts): readonly string[] {
  const live = getLive(seen)
  if (live === undefined) return []
  return [
    ...kernelProblems(live),
    ...clockProblems(gateway.name, live, seen),
    ...nameProblems(gateway, live),
    ...portProblems(site, gateway, live),
    ...routeProblems(site, [gateway], seen),
  ]
}

/** The same of a host's routes alone. `near`: gateways whose own networks the host may stand in. Pure. */
export function routeProblems(site: Site, near: readonly Gateway[], seen: HostFacts): readonly string[] {
  const live = getLive(seen)
  if (live === undefined) return []
  const names = near.map(({ name }) => name)
  return [...tableProblems(live, seen), ...networkProblems(site, names, live)]
}

function kernelProblems({ hasIpv6, wireguard }: Live): readonly string[] {
  return [
    ...(wireguard === 'none'
      ? [
          'it has no WireGuard: neither a module of its kernel nor wireguard-go (apt-get install wireguard-go) with /dev/net/tun',
        ]
      : []),
    ...(hasIpv6 ? [] : ['IPv6 is off (net.ipv6.conf.all or default.disable_ipv6), and links have IPv6 addresses']),
  ]
}

function clockProblems(name: string, { clock }: Live, seen: HostFacts): readonly string[] {
  const ours = Number(said(seen, READ_AT) || Number.NaN)
  if (!Number.isFinite(ours) || !Number.isFinite(clock) || Math.abs(clock - ours) <= CLOCK_SECONDS) return []
  const seconds = Math.abs(clock - ours)
  const off = seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
  return [
    `its clock is ${off} ${clock > ours ? 'ahead of' : 'behind'} this machine's: on ${name}, timedatectl set-ntp true`,
  ]
}

/** One that was made and not yet marked has no key, and is taken over. */
function nameProblems(gateway: Gateway, { links }: Live): readonly string[] {
  const names = gateway.links.map((end) => end.interface)
  return names
    .filter((name) => links.get(name)?.isOurs === false && links.get(name)?.hasKey !== false)
    .map((name) => `an interface ${name} is there that orion did not make`)
}

function portProblems(site: Site, gateway: Gateway, { udpPorts, links }: Live): readonly string[] {
  const ours = new Set([...links.values()].flatMap(({ isOurs, port }) => (isOurs ? (port ?? []) : [])))
  const others = new Map(
    [...links].flatMap(([name, { isOurs, port }]) => (isOurs || port === undefined ? [] : [[port, name]])),
  )
  const wanted = [
    ...gateway.links.map(({ listenPort, peer }) => ({ port: listenPort, what: `the tunnel to ${peer.name}` })),
    ...(clientsOf(site, gateway).length > 0 ? [{ port: gateway.port, what: CLIENTS_INTERFACE }] : []),
  ]
  return wanted
    .filter(({ port }) => udpPorts.has(port) && !ours.has(port))
    .map(({ port, what }) => {
      const who = others.get(port)
      return `UDP port ${port} (${what}) is taken${who ? ` by the interface ${who}` : ''}: mesh.gateways.${gateway.name}.port moves them all`
    })
}

/** The table of the mesh is asked before all others: what somebody else has in it would go first. */
function tableProblems({ rules, routes }: Live, seen: HostFacts): readonly string[] {
  const table = String(MESH_TABLE)
  const foreign = rules.filter((rule) => (rule.preference === MESH_TABLE) !== (rule.table === table))
  const ours = seen.files.has(MESH_PROGRAM) ? [MESH_PROTO, BIRD, KERNEL] : [MESH_PROTO]
  const strange = routes.filter(({ proto }) => !ours.includes(proto))
  return [
    ...foreign.map(
      (rule) =>
        `a rule of somebody else is in the way: ip -${rule.family} rule, ${rule.preference}: table ${rule.table}`,
    ),
    ...(strange.length === 0
      ? []
      : [`the routing table ${table} has routes of somebody else: ${strange.map(({ prefix }) => prefix).join(', ')}`]),
  ]
}

/** A network on a wire of this host that the mesh would lead away. */
function networkProblems(site: Site, near: readonly string[], { connected, links }: Live): readonly string[] {
  const wires = connected.flatMap(({ prefix, device }) => {
    const cidr = links.get(device)?.isOurs ? undefined : parseCidr(prefix)
    return cidr === undefined ? [] : [{ prefix, device, cidr }]
  })
  if (wires.length === 0) return []
  const network = parseCidr(site.mesh?.network ?? '')
  const ways = waysOf(site).filter(({ owner }) => !near.includes(owner))
  return wires.flatMap(({ prefix, device, cidr }) => {
    const way = ways.find((one) => contains(one.cidr, cidr))
    if (way)
      return [`${prefix} is on ${device} of this host, and mesh.gateways.${way.owner}.routes leads it to ${way.owner}`]
    return network && overlaps(network, cidr) ? [`${prefix} on ${device} of this host overlaps mesh.network`] : []
  })
}

interface Way {
  readonly owner: string
  readonly cidr: Cidr
}

const known = new WeakMap<Site, readonly Way[]>()

/** Everything that is reached over the mesh, taken apart once for all gateways. */
function waysOf(site: Site): readonly Way[] {
  const ways =
    known.get(site) ??
    getMesh(site).gateways.flatMap(({ name, routes }) =>
      routes.flatMap((route) => {
        const cidr = parseCidr(route)
        return cidr === undefined ? [] : [{ owner: name, cidr }]
      }),
    )
  known.set(site, ways)
  return ways
}
