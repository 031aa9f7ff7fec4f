// Rule: a router stands in the networks that it routes and that the firewall makes it speak for.
import type { Firewall } from '../services.ts'
import type { Finding, Guest, Path, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error, warning } from './verdict.ts'

export function routing(site: Site): Finding[] {
  return [...networkRouters(site), ...(site.firewall === undefined ? [] : firewallRules(site.firewall, site))]
}

/** The router of a network answers DHCP and router solicitations there, so it has an address of its own that stays. */
function networkRouters(site: Site): Finding[] {
  const guests = byName(site.guests)
  const findings: Finding[] = []
  for (const { name, router } of site.networks) {
    const guest = router === undefined ? undefined : guests.get(router)
    const nics = guest?.nics.filter(({ network }) => network === name) ?? []
    if (nics.length === 0 || nics.some(({ ipv4, ipv6 }) => typeof ipv4 === 'object' || typeof ipv6 === 'object'))
      continue
    const message = `guests.${router} routes ${name} and has no address of its own in it`
    findings.push(error(['networks', name, 'router'], message))
  }
  return findings
}

/**
 * A word means one thing, and the router stands in between: a rule about a network that it is not in never meets a packet,
 * so that nothing is broken, and nothing is guarded.
 */
function firewallRules(firewall: Firewall, { guests, networks }: Site): Finding[] {
  const knownGuests = byName(guests)
  const knownNetworks = byName(networks)
  const router = knownGuests.get(firewall.router)
  const groups = new Set(guests.map(({ group }) => group))
  const own = new Set(router?.nics.map(({ network }) => network))
  const check = (name: string, path: Path): Finding[] => {
    const isNetwork = knownNetworks.has(name)
    if (isNetwork && (knownGuests.has(name) || groups.has(name)))
      return [error(path, `${name} is both a network and a guest: rename one`)]
    if (router === undefined || (isNetwork ? own.has(name) : isBeside(knownGuests.get(name), own))) return []
    return [warning(path, `guests.${router.name} has no NIC on the way to ${name}`)]
  }
  const findings: Finding[] = []
  firewall.allow.forEach((rule, index) => {
    for (const side of ['from', 'to'] as const)
      for (const name of rule[side]) findings.push(...check(name, ['firewall', 'allow', index, side]))
  })
  for (const name of firewall.masquerade)
    if (router !== undefined && knownNetworks.has(name) && !own.has(name))
      findings.push(error(['firewall', 'masquerade'], `guests.${router.name} has no NIC in ${name}`))
  return findings
}

function isBeside(guest: Guest | undefined, networks: ReadonlySet<string>): boolean {
  return guest === undefined || guest.nics.some(({ network }) => networks.has(network))
}
