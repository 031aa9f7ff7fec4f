// Rule: the rules of the firewall meet packets, do not contradict each other, and forward a port to one guest.
import type { FirewallRule } from '../services.ts'
import type { Finding, Path, Site } from '../site.ts'
import { families, isIn, type Plan, planOf } from './firewall-reach.ts'
import { collisions, type Taken } from './interval.ts'
import { groupBy } from './lookup.ts'
import { error, warning } from './verdict.ts'

export function firewall(site: Site): Finding[] {
  const plan = planOf(site)
  if (plan === undefined) return []
  const rules = plan.firewall.allow.flatMap((rule, index) => [
    ...ends(plan, rule, index),
    ...families(plan, rule, index),
  ])
  return [...rules, ...masquerade(plan), ...forwards(plan)]
}

/**
 * A word means one thing, and the router stands in between: a rule about a network that it is not in never meets a packet,
 * so that nothing is broken, and nothing is guarded. A network without a bridge is behind some guest, so it may be right.
 */
function ends(plan: Plan, rule: FirewallRule, index: number): Finding[] {
  const router = plan.guests.get(plan.firewall.router)
  const check = (name: string, path: Path): Finding[] => {
    const network = plan.networks.get(name)
    const guest = plan.guests.get(name)
    if (network !== undefined && (guest !== undefined || plan.groups.has(name)))
      return [error(path, `${name} is both a network and a guest: rename one`)]
    if (router === undefined || isIn(router, name)) return []
    if (network === undefined && (guest === undefined || guest.nics.some((nic) => isIn(router, nic.network)))) return []
    if (network?.bridge === undefined) return [warning(path, `guests.${router.name} has no NIC on the way to ${name}`)]
    return [error(path, `guests.${router.name} has no NIC in ${name}: give it one, or leave this out`)]
  }
  const sides = ['from', 'to'] as const
  return sides.flatMap((side) => rule[side].flatMap((name) => check(name, ['firewall', 'allow', index, side])))
}

function masquerade({ firewall: { masquerade: names, router }, guests, networks }: Plan): Finding[] {
  const guest = guests.get(router)
  if (guest === undefined) return []
  const missing = names.filter((name) => networks.has(name) && !isIn(guest, name))
  return missing.map((name) => error(['firewall', 'masquerade'], `guests.${router} has no NIC in ${name}`))
}

/** Ports first to last that one rule gives to one guest. */
interface Forward extends Taken {
  readonly key: string
  readonly guest: string
  readonly rule: number
  readonly ports: string
}

/** Behind one masqueraded address a port leads to one guest: of two nobody could say which. The router itself is one, too. */
function forwards(plan: Plan): Finding[] {
  const all: Forward[] = []
  for (const [rule, { from, to, ...ports }] of plan.firewall.allow.entries())
    for (const network of from.filter((name) => plan.firewall.masquerade.includes(name)))
      for (const guest of to.filter((name) => takesForwards(plan, network, name)))
        for (const protocol of ['tcp', 'udp'] as const)
          for (const range of ports[protocol]) {
            const [first = '', last = first] = range.split('-')
            const key = `${protocol} of ${network}`
            const taken = { family: 4, first: BigInt(first), last: BigInt(last), order: all.length } as const
            all.push({ ...taken, key, guest, rule, ports: `${protocol} ${range} of ${network}` })
          }
  return [...groupBy(all, ({ key }) => key).values()]
    .flatMap((group) => collisions(group))
    .filter(({ earlier, later }) => earlier.guest !== later.guest)
    .map(({ earlier, later }) => {
      const message = `${later.ports} is for guests.${later.guest}, and ${earlier.ports} already for guests.${earlier.guest}: one address forwards a port to one guest`
      return error(['firewall', 'allow', later.rule, 'to'], message)
    })
}

/** IPv6 needs no forwarding of ports, and who is in that network itself is reached without: only IPv4 behind the router counts. */
function takesForwards({ guests, firewall: { router } }: Plan, network: string, name: string): boolean {
  const guest = guests.get(name)
  return name === router || (!isIn(guest, network) && (guest?.nics.some(({ ipv4 }) => ipv4 !== undefined) ?? false))
}
