// The mesh in the firewall of a router that is one of its gateways: who may send what through its links, and what reaches it itself.
import type { Site } from '../../site/site.ts'
import { BGP_PORT, interfaceText } from '../mesh/bird-names.ts'
import { type Sides, sidesOf } from '../mesh/firewall-sides.ts'
import { type Gateway, gatewayOf } from '../mesh/model.ts'
import { anyOf, bothFamilies } from './firewall-interfaces.ts'
import type { Router } from './router.ts'

export interface MeshRules {
  /** Lines of the chain `sources`. */
  readonly sources: readonly string[]
  readonly input: readonly string[]
  /** Of the chain `forward`, before what is established passes. */
  readonly guarded: readonly string[]
  readonly forward: readonly string[]
}

const NOTHING: MeshRules = { sources: [], input: [], guarded: [], forward: [] }

/** What went wrong with a packet may be said under any address of a router on its way. */
const ERRORS = [
  'icmp type { destination-unreachable, time-exceeded, parameter-problem } accept',
  'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept',
]

/** Pure; nothing where the router is no gateway of the mesh, or one that nobody has a tunnel with. */
export function meshRules(site: Site, { guest }: Router): MeshRules {
  const gateway = gatewayOf(site, guest.name)
  if (gateway === undefined) return NOTHING
  const sides = sidesOf(site, gateway)
  const [links, clients, tunnels] = [sides.links, sides.clients, [...sides.links, ...sides.clients]].map(namesOf)
  if (!tunnels) return NOTHING
  return {
    sources: [
      '# mesh: WireGuard takes any source from whoever has the key; which are whose is said here.',
      ...(links ? fromLinks(sides, links) : []),
      ...(clients ? fromClients(sides, clients) : []),
      ...bothFamilies(sides.mesh, { before: 'iifname @outside', field: 'saddr', verdict: 'goto drop_spoofed' }),
    ],
    input: [
      '# mesh: WireGuard answers nobody without a key.',
      `iifname @outside udp dport ${anyOf(portsOf(gateway, sides))} accept`,
      ...(links ? beside(links) : []),
    ],
    // A link that is cut must not lead what is for the mesh into the world as it is.
    guarded: bothFamilies(sides.mesh, {
      before: `oifname != ${tunnels}`,
      field: 'daddr',
      verdict: 'goto drop_leaving',
    }),
    forward: [
      '# mesh: its members and what is reached through this gateway',
      ...(links && gateway.role !== 'spoke'
        ? bothFamilies(sides.mesh, { before: `iifname ${links} oifname ${links}`, field: 'daddr', verdict: 'accept' })
        : []),
      ...(clients ? [`iifname ${clients} oifname ${tunnels} accept`] : []),
      ...(clients && links ? [`iifname ${links} oifname ${clients} accept`] : []),
      ...bothFamilies(sides.own, { before: `iifname ${tunnels} oifname @inside`, field: 'daddr', verdict: 'accept' }),
      ...bothFamilies(sides.own, { before: `iifname @open oifname ${tunnels}`, field: 'saddr', verdict: 'accept' }),
    ],
  }
}

/** A neighbour that passes on nothing speaks for itself alone; behind the others is everybody but us. */
function fromLinks({ own, mesh, transit, neighbours }: Sides, links: string): string[] {
  const beside = ([4, 6] as const).filter((family) => neighbours[family].length > 0)
  const passing = namesOf(transit)
  return [
    ...bothFamilies(own, { before: `iifname ${links}`, field: 'saddr', verdict: 'goto drop_spoofed' }),
    ...beside.map((family) => {
      const all = neighbours[family].map(([name, prefix]) => `"${interfaceText(name)}" . ${prefix}`)
      return `iifname . ${family === 4 ? 'ip' : 'ip6'} saddr { ${all.join(', ')} } accept`
    }),
    ...(passing ? bothFamilies(mesh, { before: `iifname ${passing}`, field: 'saddr', verdict: 'accept' }) : []),
    ...ERRORS.map((error) => `iifname ${links} ${error}`),
    `iifname ${links} goto drop_spoofed`,
  ]
}

function fromClients({ clientAddresses }: Sides, clients: string): string[] {
  return [
    ...bothFamilies(clientAddresses, { before: `iifname ${clients}`, field: 'saddr', verdict: 'accept' }),
    `iifname ${clients} goto drop_spoofed`,
  ]
}

/** The routes of the mesh are told between link-local addresses. */
function beside(links: string): string[] {
  return [`tcp dport ${BGP_PORT}`, 'udp dport 3784'].map(
    (what) => `iifname ${links} ip6 saddr fe80::/10 ${what} accept`,
  )
}

/** UDP, on which WireGuard hears. */
function portsOf({ links, port }: Gateway, { clients }: Sides): readonly string[] {
  const ports = [...links.map(({ listenPort }) => listenPort), ...(clients.length > 0 ? [port] : [])]
  return [...new Set(ports)].toSorted((a, b) => a - b).map(String)
}

/** As nftables has them; '' = none. */
function namesOf(interfaces: readonly string[]): string {
  return interfaces.length === 0 ? '' : anyOf(interfaces.map((name) => `"${interfaceText(name)}"`))
}
