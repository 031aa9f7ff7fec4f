// Who routes a network, and the default gateway that follows for a NIC in it.
import { contains, parseCidr, parseIp } from '../ip.ts'
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
  const fallback = router === undefined ? context.input.nodes[draft.settings.node ?? '']?.gateway : undefined
  for (const candidate of [gateway, isRouter ? undefined : router?.[family], fallback]) {
    const ip = candidate === undefined ? undefined : parseIp(candidate)
    if (ip === undefined || ip.first === cidr.address) continue
    const linkLocal = ip.family === 6 && cidr.family === 6 && ip.first >> 118n === 0x3fan
    if (contains(cidr, ip) || linkLocal) return candidate
  }
  return undefined
}
