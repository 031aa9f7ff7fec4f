// What is in force: do the host's interfaces stand as its file says? Read from the kernel, as `ifquery --check` has false alarms.
import type { Difference } from '../../resource.ts'
import { familyOf, formatAddress } from './interfaces-ip.ts'
import type { Layout, Placed } from './interfaces-layout.ts'
import { isWire, type Live, routeTo } from './interfaces-live.ts'
import type { Wanted } from './interfaces-wanted.ts'

/** One difference per property of a named interface that is not as the file says; [] = all in force. */
export function notInForce(wanted: readonly Wanted[], layout: Layout, live: Live): readonly Difference[] {
  return wanted.flatMap((one) => {
    if (one.name.includes(':')) return []
    const placed = layout.get(one.name)
    return placed === undefined
      ? []
      : [...linkOf(one, placed, live), ...addressesOf(one, placed, layout, live), ...gatewayOf(placed, live)]
  })
}

function linkOf(one: Wanted, placed: Placed, live: Live): readonly Difference[] {
  const link = live.links.get(one.name)
  if (link === undefined) return [{ field: one.name, have: 'not there', want: 'up' }]
  const mtu = one.mtu !== undefined && link.mtu !== one.mtu
  return [
    ...(link.up ? [] : [{ field: one.name, have: 'down', want: 'up' }]),
    ...portsOf(placed, live),
    ...(one.kind === 'bridge' && one.vlanAware !== link.vlanFiltering
      ? [{ field: `${one.name} VLAN filtering`, have: onOff(link.vlanFiltering), want: onOff(one.vlanAware) }]
      : []),
    ...(mtu ? [{ field: `${one.name} mtu`, have: String(link.mtu), want: String(one.mtu) }] : []),
  ]
}

const onOff = (on: boolean): string => (on ? 'on' : 'off')

/** Ports of a bridge and slaves of a bond that are not in it, and wires in a bridge that belong elsewhere. */
function portsOf(placed: Placed, live: Live): readonly Difference[] {
  if (placed.vlan !== undefined) return []
  const extra = [...live.links.values()].filter(
    (link) => link.master === placed.name && isWire(link) && !placed.lower.includes(link.name),
  )
  return [
    ...placed.lower.flatMap((port) => {
      const master = live.links.get(port)?.master
      return master === placed.name ? [] : [{ field: `port ${port}`, have: master ?? 'nowhere', want: placed.name }]
    }),
    ...extra.map(({ name }) => ({ field: `port ${name}`, have: placed.name, want: 'nowhere' })),
  ]
}

/** Addresses that are missing, or that stay although the file has moved them elsewhere. Others' (a floating address) do not count. */
function addressesOf(one: Wanted, placed: Placed, layout: Layout, live: Live): readonly Difference[] {
  if (one.kind !== 'bridge' && one.kind !== 'address') return []
  const have = live.addresses.get(one.name) ?? []
  const missing = placed.cidrs.filter((cidr) => !have.includes(cidr))
  const elsewhere = [...layout.values()].filter(({ name }) => name !== one.name).flatMap(({ cidrs }) => cidrs)
  const extra = have.filter((cidr) => elsewhere.includes(cidr) && !placed.cidrs.includes(cidr))
  const field = `${one.name} address`
  return [
    ...missing.map((cidr) => ({ field, have: 'missing', want: cidr })),
    ...extra.map((cidr) => ({ field, have: cidr, want: 'none' })),
  ]
}

function gatewayOf(placed: Placed, live: Live): readonly Difference[] {
  return placed.gateways.flatMap((want) => {
    const family = familyOf(want)
    const defaults = live.routes.filter((route) => route.family === family && route.to.endsWith('/0'))
    if (defaults.some(({ via, device }) => via === want && device === placed.name)) return []
    const field = family === 'inet' ? 'default route' : 'default route (IPv6)'
    const have = defaults.map(({ via, device }) => `${via ?? 'on-link'} on ${device}`).join(', ')
    return [{ field, have: have || 'none', want: `${want} on ${placed.name}` }]
  })
}

/** Named gateways that do not answer on the wire although they are new, or answered before. Others were not asked. */
export function silentGateways(
  named: readonly { readonly gateway: string; readonly device: string }[],
  before: Live,
  after: Live,
): readonly string[] {
  return named.flatMap(({ gateway: said, device }) => {
    const gateway = formatAddress(said)
    if (after.neighbours.has(`${gateway} ${device}`)) return []
    const all = familyOf(gateway) === 'inet' ? '0.0.0.0' : '::'
    const old = routeTo(before, all)
    const wasSilent = old?.via === gateway && !before.neighbours.has(`${gateway} ${old.device}`)
    return wasSilent ? [] : [`the gateway ${gateway} does not answer on ${device}`]
  })
}
