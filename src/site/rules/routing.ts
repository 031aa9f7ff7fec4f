// Rule: a router stands in the networks that it routes.
import type { Finding, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error } from './verdict.ts'

/** The router of a network answers DHCP and router solicitations there, so it has an address of its own that stays. */
export function routing(site: Site): Finding[] {
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
