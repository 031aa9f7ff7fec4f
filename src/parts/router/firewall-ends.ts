// The ends of the site file's firewall rules: networks and guests as interfaces of the router and addresses behind them.
import type { Guest, Site } from '../../site/site.ts'
import { type Addresses, cidrsOf, type Interface, NOWHERE, toAddresses } from './firewall-interfaces.ts'

/** One side of a rule: all that is behind an interface, or some addresses (behind it). */
export interface End {
  readonly interface?: string
  readonly addresses?: Addresses
}

/** Guests of rules that have no fixed address beside the router: nothing could be written for them. */
export function guestsWithoutAddress(site: Site, interfaces: readonly Interface[]): readonly string[] {
  const names = new Set((site.firewall?.allow ?? []).flatMap(({ from, to }) => [...from, ...to]))
  const guests = site.guests.filter(({ name }) => names.has(name) && name !== site.firewall?.router)
  return guests.filter((guest) => guestEnds(guest, interfaces).length === 0).map(({ name }) => name)
}

/** One end for each interface; a whole network holds its guests. */
export function endsOf(site: Site, interfaces: readonly Interface[], names: readonly string[]): readonly End[] {
  const all = names.flatMap((name) => {
    const beside = interfaces.filter(({ network }) => network === name)
    if (beside.length > 0) return beside.map((one): End => ({ interface: one.name }))
    const guest = site.guests.find((one) => one.name === name)
    return guest === undefined ? farEnd(site, name) : guestEnds(guest, interfaces)
  })
  const whole = new Set(all.filter(({ addresses }) => addresses === undefined).map((end) => end.interface))
  const byInterface = new Map<string | undefined, End>()
  for (const end of all.filter((one) => one.addresses === undefined || !whole.has(one.interface))) {
    const { addresses = NOWHERE } = end
    const before = byInterface.get(end.interface)?.addresses ?? NOWHERE
    const both = { 4: unique(before[4], addresses[4]), 6: unique(before[6], addresses[6]) }
    byInterface.set(end.interface, end.addresses === undefined ? end : { ...end, addresses: both })
  }
  return [...byInterface.values()]
}

/** A network in which the router has no NIC: somewhere behind others, known by its addresses. */
function farEnd(site: Site, name: string): readonly End[] {
  const { ipv4, ipv6 } = site.networks.find((one) => one.name === name) ?? {}
  const addresses = toAddresses(cidrsOf([ipv4, ipv6]))
  return addresses[4].length + addresses[6].length === 0 ? [] : [{ addresses }]
}

export function guestEnds(guest: Guest, interfaces: readonly Interface[]): readonly End[] {
  return guest.nics.flatMap(({ network, ipv4, ipv6 }) => {
    const addresses = toAddresses(
      cidrsOf([ipv4, ipv6].map((one) => (typeof one === 'object' ? one.cidr : undefined))).map(
        ({ family, address }) => ({ family, first: address, last: address }),
      ),
    )
    const beside = interfaces.filter((one) => one.network === network)
    return addresses[4].length + addresses[6].length === 0
      ? []
      : beside.map((one) => ({ interface: one.name, addresses }))
  })
}

function unique(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())]
}
