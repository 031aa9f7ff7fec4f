// What may pass through a gateway's links, as a table of nftables of its own; where the gateway is the site's firewall, that has it.
import { template } from '../../render.ts'
import type { Difference } from '../../resource.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { liveDrift, liveFacts } from '../router/firewall-live.ts'
import { BGP_PORT, interfaceText } from './bird-names.ts'
import { type Sides, sidesOf } from './firewall-sides.ts'
import { openedFamilies } from './forwarding.ts'
import { MESH_DIR } from './link-paths.ts'
import type { Gateway } from './model.ts'

export const MESH_FIREWALL = `${MESH_DIR}/firewall.nft`

const TABLE = { table: 'orion_mesh', path: MESH_FIREWALL, name: 'mesh-firewall' }

/** Why a packet was dropped, as `nft list counters table inet orion_mesh` shows it. */
const REASONS = ['source', 'input', 'leaving', 'transit', 'inside', 'outside', 'closed'] as const

interface NamedSet {
  readonly name: string
  readonly type: string
  readonly interval: boolean
  /** '' = nothing is in it. */
  readonly elements: string
}

interface View {
  readonly reasons: readonly string[]
  readonly sets: readonly NamedSet[]
  readonly port: number
  /** It passes on from one link to another. */
  readonly transits: boolean
  /** Families that pass on nothing but for the mesh: `ipv4`, `{ ipv4, ipv6 }`; '' = none. */
  readonly closed: string
}

const firewallText = template<View>('mesh/firewall')

/** What the others need, besides meshForwardingFacts. */
export function meshFirewallFacts(site: Site, gateway: Gateway): Facts {
  return { files: [MESH_FIREWALL], commands: isFirewall(site, gateway) ? {} : liveFacts(TABLE) }
}

/** The file; undefined where the router's own firewall has its rules. Pure, with meshForwardingFacts. */
export function meshFirewall(site: Site, gateway: Gateway, seen: HostFacts): string | undefined {
  if (isFirewall(site, gateway)) return undefined
  return firewallText({
    reasons: REASONS,
    sets: setsOf(sidesOf(site, gateway)),
    port: BGP_PORT,
    transits: gateway.role !== 'spoke',
    closed: anyOf(openedFamilies(site, gateway, seen).map((family) => `ipv${family}`)),
  })
}

/** Programs that refuse a file that could not be loaded. */
export function meshFirewallCheck(): readonly (readonly string[])[] {
  return [['sh', '-c', '[ ! -e "$1" ] || nft -c -f "$1"', 'orion-mesh-firewall-check', MESH_FIREWALL]]
}

/** What is not in force although the file says so. Pure, with meshFirewallFacts. */
export function meshFirewallDrift(site: Site, gateway: Gateway, seen: HostFacts): readonly Difference[] {
  return isFirewall(site, gateway) ? [] : liveDrift(seen, TABLE)
}

function isFirewall({ firewall }: Site, { name }: Gateway): boolean {
  return firewall?.router === name
}

function setsOf(sides: Sides): readonly NamedSet[] {
  const { links, clients } = sides
  const names = (name: string, all: readonly string[]) => ({
    name,
    type: 'ifname',
    interval: false,
    elements: quoted(all).join(', '),
  })
  return [
    names('links', links),
    names('transit', sides.transit),
    names('clients', clients),
    names('tunnels', [...links, ...clients]),
    ...([4, 6] as const).flatMap((family) => familySets(sides, family)),
  ]
}

function familySets({ clientAddresses, own, mesh, neighbours }: Sides, family: 4 | 6): readonly NamedSet[] {
  const type = `ipv${family}_addr`
  const addresses = (name: string, all: readonly string[]) => ({
    name: `${name}${family}`,
    type,
    interval: true,
    elements: all.join(', '),
  })
  const beside = neighbours[family].map(([name, prefix]) => `"${interfaceText(name)}" . ${prefix}`)
  return [
    addresses('clients', clientAddresses[family]),
    addresses('own', own[family]),
    addresses('mesh', mesh[family]),
    { ...addresses('neighbours', beside), type: `ifname . ${type}` },
  ]
}

function quoted(names: readonly string[]): readonly string[] {
  return names.map((name) => `"${interfaceText(name)}"`)
}

function anyOf(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `{ ${values.join(', ')} }`
}
