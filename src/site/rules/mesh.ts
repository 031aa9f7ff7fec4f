// Rule: mesh routes overlap neither each other nor the mesh, its addresses lie in it, and every link can be dialled.
import { formatNetwork, overlaps, parseCidr, parseIp } from '../ip.ts'
import type { Mesh } from '../services.ts'
import type { Finding, Path, Site } from '../site.ts'
import { collisions, type Taken } from './interval.ts'
import { hostMistake } from './network.ts'
import { error } from './verdict.ts'

export function mesh(site: Site): Finding[] {
  if (site.mesh === undefined) return []
  return [
    ...addresses(site.mesh),
    ...routes(site.mesh, site),
    ...reserved(site.mesh),
    ...hubs(site.mesh),
    ...links(site.mesh),
  ]
}

function addresses({ network, gateways, clients }: Mesh): Finding[] {
  const cidr = parseCidr(network)
  if (cidr === undefined) return []
  const findings: Finding[] = []
  for (const [section, members] of [['gateways', gateways] as const, ['clients', clients] as const])
    for (const { name, address } of members) {
      const ip = parseIp(address)
      if (ip === undefined) continue
      const mistake = hostMistake(ip, cidr, 'of the mesh')
      if (mistake !== undefined) findings.push(error(['mesh', section, name, 'address'], mistake))
    }
  return findings
}

interface Route extends Taken {
  readonly text: string
  readonly owner: string
  readonly path: Path
}

/** Routes of one gateway may overlap: they lead to the same place. */
function routes({ network, gateways }: Mesh, site: Site): Finding[] {
  const all: Route[] = []
  const add = (text: string, owner: string, path: Path) => {
    const cidr = parseCidr(text)
    if (cidr !== undefined) all.push({ ...cidr, order: all.length, text: formatNetwork(cidr), owner, path })
  }
  add(network, 'mesh.network', ['mesh', 'network'])
  for (const gateway of gateways)
    for (const text of gateway.routes)
      add(text, `mesh.gateways.${gateway.name}`, ['mesh', 'gateways', gateway.name, 'routes'])
  const found = collisions(all)
    .filter(({ earlier, later }) => earlier.owner !== later.owner)
    .map(({ earlier, later }) => error(later.path, `${later.text} overlaps ${earlier.text} (${earlier.owner})`))
  return [...found, ...besideMesh(network, new Set(all.map(({ text }) => text)), site)]
}

/** Networks that no router may send on (RFC 6890), or that every link of the mesh has for itself. */
const RESERVED = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/127', 'fe80::/10', 'ff00::/8']

/** A default route would be one, too: the mesh leads to the site's own networks, and never out. */
function reserved({ network, gateways }: Mesh): Finding[] {
  const ranges = RESERVED.flatMap((text) => parseCidr(text) ?? [])
  const mistakes = (text: string, path: Path): Finding[] => {
    const cidr = parseCidr(text)
    const taken = cidr && ranges.find((range) => overlaps(range, cidr))
    if (cidr === undefined || taken === undefined) return []
    const reason = cidr.prefix === 0 ? 'leads everywhere' : `lies in ${formatNetwork(taken)}, which nobody routes`
    return [error(path, `${formatNetwork(cidr)} ${reason}`)]
  }
  return [
    ...mistakes(network, ['mesh', 'network']),
    ...gateways.flatMap(({ name, routes: own }) =>
      own.flatMap((text) => mistakes(text, ['mesh', 'gateways', name, 'routes'])),
    ),
  ]
}

/** A network of the site that no gateway routes still hides the part of the mesh that it overlaps. */
function besideMesh(network: string, routed: ReadonlySet<string>, site: Site): Finding[] {
  const mesh = parseCidr(network)
  if (mesh === undefined) return []
  return site.networks.flatMap(({ name, ipv4, ipv6 }) =>
    [ipv4, ipv6].flatMap((text) => {
      const cidr = parseCidr(text ?? '')
      if (cidr === undefined || routed.has(formatNetwork(cidr)) || !overlaps(mesh, cidr)) return []
      return [error(['mesh', 'network'], `${formatNetwork(mesh)} overlaps ${formatNetwork(cidr)} (network ${name})`)]
    }),
  )
}

/** A topology without a hub is the shape's matter: here a hub that is missing may have been named, and be nobody. */
function hubs({ hub, bypass }: Mesh): Finding[] {
  if (bypass === undefined || bypass.hub !== hub) return []
  return [error(['mesh', 'bypass', 'hub'], `${hub} is the hub already: the bypass is for when it is out of reach`)]
}

/** One end of a link has to be found by the other: it has an endpoint. Each end that lacks one is told once. */
function links(mesh: Mesh): Finding[] {
  const silent = new Set(mesh.gateways.filter(({ endpoint }) => endpoint === undefined).map(({ name }) => name))
  const findings: Finding[] = []
  for (const [index, [a, b]] of mesh.direct.entries()) {
    const path = ['mesh', 'direct', index]
    if (a === b) findings.push(error(path, `${a} is on both ends of the link`))
    else if (silent.has(a) && silent.has(b)) findings.push(noEndpoint(path, a, b))
  }
  findings.push(...fromCentres(mesh, silent))
  if (mesh.clients.length > 0 && mesh.gateways.length > 0 && silent.size === mesh.gateways.length)
    findings.push(error(['mesh', 'clients'], 'no gateway has an endpoint: clients have nobody to dial'))
  return findings
}

/** Links of the hubs with everybody; in a full mesh every gateway is one, and the first silent one stands for all. */
function fromCentres({ topology, hub, bypass }: Mesh, silent: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = []
  const done = new Set<string>()
  for (const centre of topology === 'full' ? [[...silent][0]] : [hub, bypass?.hub]) {
    if (centre === undefined || !silent.has(centre)) continue
    done.add(centre)
    for (const other of silent)
      if (!done.has(other)) findings.push(noEndpoint(['mesh', 'gateways', other], centre, other))
  }
  return findings
}

function noEndpoint(path: Path, a: string, b: string): Finding {
  return error(path, `neither ${a} nor ${b} has an endpoint: the link between them cannot be dialled`)
}
