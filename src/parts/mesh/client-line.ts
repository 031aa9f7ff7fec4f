// The line that is missing in the site file, with the next address that nobody has.
import { contains, formatIp, isNetworkAddress, parseCidr, parseIp } from '../../site/ip.ts'
import type { Mesh } from '../../site/services.ts'

/** So far is looked for a free address: a mesh has fewer members. */
const FURTHEST = 65_536n

/** What to write below `mesh`, for people; where the network is full, that. Pure. */
export function lineOf(mesh: Mesh, name: string): readonly string[] {
  const address = nextFree(mesh)
  if (address === undefined) return [`${mesh.network} has no address left for ${name}`]
  return [
    mesh.clients.length === 0
      ? `add to the site file, below mesh: clients: { ${name}: { address: ${address} } }`
      : `add to the site file, below mesh, clients: ${name}: { address: ${address} }`,
    'then orion mesh apply, and this again',
  ]
}

/** After the highest client, else after the highest gateway, and from the start where that is the end; never the first address. */
function nextFree({ network, clients, gateways }: Mesh): string | undefined {
  const cidr = parseCidr(network)
  if (cidr === undefined) return undefined
  const valuesOf = (members: readonly { readonly address: string }[]) =>
    members.flatMap(({ address }) => parseIp(address)?.first ?? [])
  const taken = new Set([...valuesOf(clients), ...valuesOf(gateways)])
  const highest = (values: readonly bigint[]) =>
    values.reduce((most, value) => (value > most ? value : most), cidr.first)
  const start = highest(clients.length > 0 ? valuesOf(clients) : valuesOf(gateways)) + 1n
  const isFree = (value: bigint) => {
    const one = { family: cidr.family, first: value, last: value }
    return value !== cidr.first && contains(cidr, one) && !isNetworkAddress(cidr, value) && !taken.has(value)
  }
  for (const from of [start, cidr.first])
    for (let value = from; value <= cidr.last && value - from < FURTHEST; value += 1n)
      if (isFree(value)) return formatIp(cidr.family, value)
  return undefined
}
