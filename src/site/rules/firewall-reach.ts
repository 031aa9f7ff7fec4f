// Rule: the two ends of a firewall rule can meet. Isolation goes before every rule, and an address speaks to its own family.
import type { Firewall, FirewallRule } from '../services.ts'
import type { Finding, Guest, Network, Site } from '../site.ts'
import { nicIp } from './address-claim.ts'
import { byName } from './lookup.ts'
import { outsideNetworks } from './outside.ts'
import { error } from './verdict.ts'

/** What the rules of the firewall are held against. */
export interface Plan {
  readonly firewall: Firewall
  readonly guests: ReadonlyMap<string, Guest>
  readonly groups: ReadonlySet<string>
  readonly networks: ReadonlyMap<string, Network>
}

export function planOf({ firewall, guests, networks }: Site): Plan | undefined {
  return (
    firewall && {
      firewall,
      guests: byName(guests),
      groups: new Set(guests.map(({ group }) => group)),
      networks: byName(networks),
    }
  )
}

export const isIn = (guest: Guest | undefined, network: string) =>
  guest?.nics.some((nic) => nic.network === network) ?? false

/** An isolated network reaches the internet at most, its own guests (the router among them), and nothing else of the site. */
export function isolation(site: Site): Finding[] {
  const plan = planOf(site)
  if (plan === undefined) return []
  const outside = outsideNetworks(site)
  return plan.firewall.allow.flatMap((rule, index) => brokenIsolation(plan, outside, rule, index))
}

function brokenIsolation(
  { guests, networks, firewall }: Plan,
  outside: ReadonlySet<string>,
  rule: FirewallRule,
  index: number,
): Finding[] {
  const router = guests.get(firewall.router)
  const reaches = (from: string, to: string): boolean => {
    const guest = guests.get(to)
    if (networks.has(to) || guest === undefined) return to === from || outside.has(to) || !networks.has(to)
    return isIn(guest, from) || guest.nics.every(({ network }) => outside.has(network))
  }
  /** Where packets of this end come in, if that is nowhere but in isolated networks. */
  const prisons = (from: string): readonly string[] => {
    const ways = (guests.get(from)?.nics ?? []).map(({ network }) => network).filter((name) => isIn(router, name))
    const all = networks.has(from) ? [from] : from === firewall.router ? [] : ways
    return all.every((name) => networks.get(name)?.isolated) ? all : []
  }
  return rule.from.flatMap((from) => {
    const ways = prisons(from)
    const who = networks.has(from) ? `network ${from} is` : `guests.${from} is in network ${ways[0]}, which is`
    return rule.to
      .filter((to) => ways.length > 0 && !ways.some((way) => reaches(way, to)))
      .map((to) => {
        const message = `${who} isolated, so it cannot reach ${to}: leave this out, or take isolated off it`
        return error(['firewall', 'allow', index, 'to'], message)
      })
  })
}

/** A guest is known by its fixed addresses: where those of all others are of the other family, nothing is left of the rule. */
export function families(plan: Plan, { from, to }: FirewallRule, index: number): Finding[] {
  const check = (side: 'from' | 'to', names: readonly string[], others: readonly string[]): Finding[] =>
    names.flatMap((name) => {
      const [own, more] = familiesOf(plan, name) ?? []
      const all = others.map((other) => familiesOf(plan, other))
      if (own === undefined || more !== undefined || all.length === 0) return []
      if (all.some((known) => known === undefined || known.includes(own))) return []
      const there = side === 'from' ? 'to' : 'from'
      const message = `guests.${name} has only a fixed IPv${own} address, and nothing in ${there} has one: no packet would pass`
      return [error(['firewall', 'allow', index, side], message)]
    })
  const found = check('to', to, from)
  return found.length > 0 ? found : check('from', from, to)
}

/** undefined = both, or not known: a network, the router itself, a guest that is given its addresses or is behind another one. */
function familiesOf({ guests, firewall }: Plan, name: string): readonly (4 | 6)[] | undefined {
  const router = guests.get(firewall.router)
  const guest = name === firewall.router ? undefined : guests.get(name)
  const beside = (guest?.nics ?? []).filter(({ network }) => isIn(router, network))
  const fixed = beside.flatMap(({ ipv4, ipv6 }) => [nicIp(ipv4), nicIp(ipv6)].flatMap((ip) => ip?.family ?? []))
  return fixed.length === 0 ? undefined : [...new Set(fixed)]
}
