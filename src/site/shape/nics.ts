// The NICs of guests: addresses of the plan, and which of them carries the default gateway.
import { guestIpv6, macAddress } from '../addressing.ts'
import { contains, formatIp, isLinkLocal, parseCidr, parseIp } from '../ip.ts'
import type { NetworkInput } from '../schema/network.ts'
import type { AddressInput, NicInput } from '../schema/nic.ts'
import type { Nic, NicAddress, Path } from '../site.ts'
import { type Context, compact } from './context.ts'
import { type Draft, pathOf } from './expansion.ts'
import { gatewayOf, type Routers, waysOut } from './gateway.ts'

/** Proxmox's net0 to net31. */
const MAX_NICS = 32

/** A NIC with its addresses, still without gateways. */
export interface NicDraft {
  readonly network: string
  readonly settings: NicInput
  readonly ipv4: 'dhcp' | string | undefined
  readonly ipv6: 'dhcp' | 'auto' | string | undefined
}

/** The NICs of a guest in order. What names no usable network is left out (and reported). */
export function draftNics(context: Context, draft: Draft): NicDraft[] {
  const nics = Object.entries(draft.settings.nics ?? {})
  const base = pathOf(draft, 'nics')
  if (nics.length > MAX_NICS) context.report(base, `has ${nics.length} NICs: ${MAX_NICS} at most`)
  return nics.slice(0, MAX_NICS).flatMap(([name, settings]) => {
    const path = [...base, name]
    if (!context.has('networks', name, path)) return []
    const network = context.input.networks?.[name]
    if (network === undefined) return []
    if (network.bridge === undefined) {
      context.report(path, `network ${name} has no bridge, so no NIC can be in it`)
      return []
    }
    const ipv4 = staticOrKind(context, draft, settings.ipv4, network.ipv4, name, [...path, 'ipv4'])
    const isRouter = network.router === draft.name || network.router === draft.group
    const ipv6 =
      settings.ipv6 === undefined
        ? plannedIpv6(network, ipv4, draft, isRouter)
        : staticOrKind(context, draft, settings.ipv6, network.ipv6, name, [...path, 'ipv6'])
    return [{ network: name, settings, ipv4: ipv4 === 'auto' ? undefined : ipv4, ipv6 }]
  })
}

/** An address as CIDR, `dhcp`, `auto`, or undefined for none. */
function staticOrKind(
  context: Context,
  draft: Draft,
  input: AddressInput | undefined,
  network: string | undefined,
  name: string,
  path: Path,
) {
  if (input === undefined || input.kind === 'none') return undefined
  if (input.kind !== 'static') return input.kind
  const first = parseIp(input.first)
  const last = parseIp(input.last)
  if (first === undefined || last === undefined) return undefined
  const length = Number(last.first - first.first) + 1
  if (length !== draft.count) {
    const many =
      draft.count === 1
        ? 'one guest'
        : `${draft.count} guests (${draft.vmid - draft.index}-${draft.vmid - draft.index + draft.count - 1})`
    context.report(
      path,
      `${length === 1 ? 'one address' : `${length} addresses`} for ${many}${draft.count > 1 && length === 1 ? ': write a range, first-last' : ''}`,
    )
    return undefined
  }
  const prefix = input.prefix ?? (network === undefined ? undefined : parseCidr(network)?.prefix)
  if (prefix === undefined) {
    context.report(
      path,
      `network ${name} has no ${input.family === 4 ? 'ipv4' : 'ipv6'}: write the prefix length too, such as ${input.first}/${input.family === 4 ? 24 : 64}`,
    )
    return undefined
  }
  return `${formatIp(input.family, first.first + BigInt(draft.index))}/${prefix}`
}

/**
 * What a NIC has without saying: a computed address where its IPv4 address is its own or absent; where it takes IPv4
 * from DHCP, what the network's router advertises, if there is one.
 */
function plannedIpv6(
  network: NetworkInput,
  ipv4: string | undefined,
  draft: Draft,
  isRouter: boolean,
): string | undefined {
  if (network.ipv6 === undefined) return undefined
  if (ipv4 === 'dhcp') return !isRouter && (network.router ?? network.gateway6) !== undefined ? 'auto' : undefined
  return `${guestIpv6(network.ipv6, ipv4, draft.vmid)}/${parseCidr(network.ipv6)?.prefix ?? 64}`
}

/**
 * Final NICs. The default gateway of a family is on the first NIC that has one: the network's `gateway`, else the guest
 * that routes the network, else the node's gateway where it lies in the network. DHCP and router advertisements bring
 * their own, so a NIC with them takes the place as well. A router never gets a gateway in a network that it routes, nor
 * beside the NICs that lead out of the site.
 */
export function shapeNics(context: Context, draft: Draft, nics: readonly NicDraft[], routers: Routers): Nic[] {
  const out = [waysOut(context, draft, nics, 'ipv4'), waysOut(context, draft, nics, 'ipv6')]
  checkSaid(context, draft, nics)
  let taken4 = false
  let taken6 = false
  return nics.map(({ network: name, settings, ipv4, ipv6 }, index) => {
    const network = context.input.networks?.[name]
    const [barred4, barred6] = out.map((ways) => ways.size > 0 && !ways.has(name))
    const gateway4 = said(settings.gateway, () =>
      taken4 || barred4 ? undefined : gatewayOf(context, draft, ipv4, network?.gateway, routers.get(name), 'ipv4'),
    )
    const gateway6 = said(settings.gateway6, () =>
      taken6 || barred6 ? undefined : gatewayOf(context, draft, ipv6, network?.gateway6, routers.get(name), 'ipv6'),
    )
    const place = settings.index ?? index
    taken4 ||= ipv4 === 'dhcp' || gateway4 !== undefined
    taken6 ||= ipv6 === 'dhcp' || ipv6 === 'auto' || gateway6 !== undefined
    return compact({
      index: place,
      network: name,
      bridge: network?.bridge ?? '',
      vlan: settings.vlan ?? network?.vlan,
      mtu: settings.mtu ?? network?.mtu,
      model: draft.settings.kind === 'ct' ? 'veth' : (settings.model ?? 'virtio'),
      firewall: settings.firewall ?? false,
      mac: settings.mac ?? macAddress(context.input.site, draft.vmid, place),
      ipv4: addressOf(ipv4, gateway4),
      ipv6: ipv6 === 'auto' ? ('auto' as const) : addressOf(ipv6, gateway6),
    })
  })
}

/** Gateways that a NIC names are within its reach, and no two NICs have one number. */
function checkSaid(context: Context, draft: Draft, nics: readonly NicDraft[]): void {
  const taken = new Map<number, string>()
  for (const [at, { network, settings, ipv4, ipv6 }] of nics.entries()) {
    const path = [...pathOf(draft, 'nics'), network]
    const index = settings.index ?? at
    const other = taken.get(index)
    if (other !== undefined) context.report([...path, 'index'], `net${index} is the NIC in ${other} already`)
    taken.set(index, network)
    for (const [key, own] of [
      ['gateway', ipv4],
      ['gateway6', ipv6],
    ] as const) {
      const gateway = parseIp(settings[key] ?? '')
      const cidr = parseCidr(own ?? '')
      if (gateway === undefined || isLinkLocal(gateway.first, gateway.family)) continue
      if (cidr === undefined || !contains(cidr, gateway))
        context.report(
          [...path, key],
          `${settings[key]} is not in the network of ${own ?? 'this NIC, which has no address'}`,
        )
    }
  }
}

/** What the NIC itself says goes before what follows from its network. */
function said(own: string | undefined, computed: () => string | undefined): string | undefined {
  if (own === undefined) return computed()
  return own === 'none' ? undefined : own
}

function addressOf(value: string | undefined, gateway: string | undefined): NicAddress | undefined {
  if (value === undefined || value === 'dhcp') return value
  return compact({ cidr: value, gateway })
}
