// Rule: who is dialled can be: not through the tunnel that it is to carry, and by those who have to reach it.
import { contains, formatNetwork, type IpRange, parseCidr, parseIp } from '../ip.ts'
import type { Mesh } from '../services.ts'
import type { Finding, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error, warning } from './verdict.ts'

export function meshEndpoints({ mesh, guests }: Site): Finding[] {
  if (mesh === undefined) return []
  const known = byName(guests)
  const containers = mesh.gateways.filter(({ name }) => known.get(name)?.kind === 'ct')
  return [
    ...containers.map(({ name }) =>
      error(
        ['mesh', 'gateways', name],
        `guests.${name} is a container: a gateway is a node or a virtual machine (kind: vm)`,
      ),
    ),
    ...throughItself(mesh),
    ...silentHubs(mesh),
    ...clients(mesh),
  ]
}

/** The way to an endpoint in a routed network is the tunnel itself: its packets would be put into it again and again. */
function throughItself({ network, gateways }: Mesh): Finding[] {
  const tunnel = [
    { text: network, owner: 'mesh.network' },
    ...gateways.flatMap(({ name, routes }) => routes.map((text) => ({ text, owner: `mesh.gateways.${name}` }))),
  ].flatMap(({ text, owner }) => {
    const cidr = parseCidr(text)
    return cidr === undefined ? [] : [{ ...cidr, text: formatNetwork(cidr), owner }]
  })
  return gateways.flatMap(({ name, endpoint = '' }) => {
    const ip: IpRange | undefined = parseIp(endpoint)
    const way = ip && tunnel.find((cidr) => contains(cidr, ip))
    if (way === undefined) return []
    const message = `${endpoint} lies in ${way.text} (${way.owner}): the tunnel would run through itself`
    return [error(['mesh', 'gateways', name, 'endpoint'], message)]
  })
}

/** It works as long as everybody else can be dialled. */
function silentHubs({ hub, bypass, gateways }: Mesh): Finding[] {
  const known = byName(gateways)
  const isSilent = (name: string | undefined) => {
    const gateway = known.get(name ?? '')
    return gateway !== undefined && gateway.endpoint === undefined
  }
  const message = (name: string | undefined) =>
    `${name} has no endpoint: it must dial everybody, and nobody can dial it`
  return [
    ...(isSilent(hub) ? [warning(['mesh', 'hub'], message(hub))] : []),
    ...(isSilent(bypass?.hub) ? [warning(['mesh', 'bypass', 'hub'], message(bypass?.hub))] : []),
  ]
}

/** Where nobody has an endpoint, that is told once, at the clients as a whole. */
function clients({ clients: people, gateways }: Mesh): Finding[] {
  const known = byName(gateways)
  if (gateways.every(({ endpoint }) => endpoint === undefined)) return []
  return people.flatMap(({ name, gateway = '' }) => {
    const dialled = known.get(gateway)
    if (dialled === undefined || dialled.endpoint !== undefined) return []
    const message = `${gateway} has no endpoint: ${name} cannot dial it; name another gateway`
    return [error(['mesh', 'clients', name, 'gateway'], message)]
  })
}
