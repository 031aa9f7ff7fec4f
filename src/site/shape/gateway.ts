// Who routes a network, and the default gateway that follows for a NIC in it.
import { type Cidr, contains, isLinkLocal, parseCidr, parseIp } from '../ip.ts'
import { type Context, compact } from './context.ts'
import type { Draft } from './expansion.ts'
import type { NicDraft } from './nics.ts'

/** For each network that a guest routes: that guest's own addresses in it (without prefix). */
export type Routers = ReadonlyMap<string, { readonly guest: string; readonly ipv4?: string; readonly ipv6?: string }>

/** The addresses of the guests that route. A router without a NIC in its network is an error. */
export function findRouters(context: Context, nics: ReadonlyMap<string, readonly NicDraft[]>): Routers {
  const routers = new Map<string, { guest: string; ipv4?: string; ipv6?: string }>()
  for (const [name, { router }] of Object.entries(context.input.networks ?? {})) {
    const guest = router === undefined ? undefined : context.guest(router, ['networks', name, 'router'])
    const own = guest === undefined ? undefined : nics.get(guest)
    if (guest === undefined || own === undefined) continue
    const nic = own.find(({ network }) => network === name)
    if (nic === undefined) context.report(['networks', name, 'router'], `guest ${guest} has no NIC in network ${name}`)
    else routers.set(name, compact({ guest, ipv4: addressIn(nic.ipv4), ipv6: addressIn(nic.ipv6) }))
  }
  return routers
}

function addressIn(value: string | undefined): string | undefined {
  return value?.includes('/') ? value.split('/')[0] : undefined
}

/** The gateway of a NIC with the static address `own` (CIDR); only one that it can reach. */
export function gatewayOf(
  context: Context,
  draft: Draft,
  own: string | undefined,
  gateway: string | undefined,
  router: { readonly guest: string; readonly ipv4?: string; readonly ipv6?: string } | undefined,
  family: 'ipv4' | 'ipv6',
): string | undefined {
  const cidr = own === undefined ? undefined : parseCidr(own)
  if (cidr === undefined) return undefined
  const isRouter = router?.guest === draft.name
  const fallback = router === undefined ? nodeGateway(context, draft, cidr) : undefined
  for (const candidate of [gateway, isRouter ? undefined : router?.[family], fallback]) {
    const ip = candidate === undefined ? undefined : parseIp(candidate)
    if (ip === undefined || ip.first === cidr.address) continue
    if (contains(cidr, ip) || (cidr.family === 6 && isLinkLocal(ip.first, ip.family))) return candidate
  }
  return undefined
}

/**
 * Networks by which a guest that routes leaves the site, if it has an address of this family in one: behind them others are
 * masqueraded, or a BGP peer that is not ours stands there. Its default route is there, or BGP's to give: by any other network
 * packets would leave past the firewall and under addresses that nobody answers.
 */
export function waysOut(
  { input }: Context,
  { name, group }: Draft,
  nics: readonly NicDraft[],
  family: 'ipv4' | 'ipv6',
): ReadonlySet<string> {
  const isThis = (router: string | undefined) => router === name || router === group
  const masqueraded = isThis(input.firewall?.router) ? (input.firewall?.masquerade ?? []) : []
  const foreign = Object.values((isThis(input.bgp?.router) && input.bgp?.peers) || {})
    .filter(({ relation }) => relation !== 'internal')
    .flatMap(({ address }) => parseIp(address) ?? [])
  const holdsPeer = ({ network, ipv4, ipv6 }: NicDraft) =>
    [ipv4, ipv6, input.networks?.[network]?.ipv4, input.networks?.[network]?.ipv6]
      .flatMap((text) => parseCidr(text ?? '') ?? [])
      .some((cidr) => foreign.some((peer) => contains(cidr, peer)))
  const out = nics.filter((nic) => masqueraded.includes(nic.network) || holdsPeer(nic))
  return new Set(out.filter((nic) => nic[family] !== undefined).map(({ network }) => network))
}

/** The gateway of the guest's node; a link-local one only in the network that the node itself is in first. */
function nodeGateway({ input }: Context, draft: Draft, cidr: Cidr): string | undefined {
  const node = input.nodes[draft.settings.node ?? '']
  if (cidr.family === 4) return node?.gateway
  const gateway = parseIp(node?.gateway6 ?? '')
  if (node === undefined || gateway === undefined) return undefined
  const own = [node.address, ...Object.values(node.addresses ?? {}).flat()].map(parseIp).find((ip) => ip?.family === 6)
  const near = !isLinkLocal(gateway.first, gateway.family) || (own !== undefined && contains(cidr, own))
  return near ? node.gateway6 : undefined
}
