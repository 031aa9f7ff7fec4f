// Rule: what routes is a virtual machine, somebody filters between the inside and the world, and what it advertises can be used.
import { parseCidr } from '../ip.ts'
import type { Finding, Path, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error, warning } from './verdict.ts'

export function routers(site: Site): Finding[] {
  return [...containers(site), ...openRouter(site), ...leases(site)]
}

/** A container has the kernel of its node: its firewall, forwarding and routes would be the node's matter. */
function containers({ guests, networks, firewall, bgp }: Site): Finding[] {
  const known = byName(guests)
  const named: (readonly [Path, string | undefined])[] = [
    ...networks.map(({ name, router }) => [['networks', name, 'router'], router] as const),
    [['firewall', 'router'], firewall?.router],
    [['bgp', 'router'], bgp?.router],
  ]
  return named
    .filter(([, router]) => known.get(router ?? '')?.kind === 'ct')
    .map(([path, router]) => error(path, `guests.${router} is a container: a router is a virtual machine (kind: vm)`))
}

/** IPv6 has no masquerading that hides what is inside: without a firewall everybody reaches every guest. */
function openRouter({ networks, firewall, bgp }: Site): Finding[] {
  const peer = bgp?.peers.find(({ relation }) => relation === 'provider' || relation === 'peer')
  const inside = networks.find(({ router }) => router !== undefined && router === bgp?.router)
  if (bgp === undefined || peer === undefined || inside === undefined || firewall?.router === bgp.router) return []
  const message = `guests.${bgp.router} leads from bgp.peers.${peer.name} into network ${inside.name}, and nothing filters: add firewall`
  return [warning(['bgp', 'router'], message)]
}

/** What a network gives out: addresses by DHCP, and prefixes that guests complete themselves (SLAAC, RFC 4862: 64 bits). */
function leases({ networks }: Site): Finding[] {
  return networks.flatMap(({ name, router, gateway, dhcp, ipv6 }) => {
    const cidr = parseCidr(ipv6 ?? '')
    const findings: Finding[] = []
    if (dhcp !== undefined && router === undefined && gateway === undefined)
      findings.push(warning(['networks', name, 'dhcp'], `nobody gives these out: name the router of network ${name}`))
    if (router !== undefined && cidr !== undefined && cidr.prefix !== 64)
      findings.push(
        warning(
          ['networks', name, 'ipv6'],
          `${ipv6} is no /64: guests give themselves addresses (SLAAC) in a /64 only`,
        ),
      )
    return findings
  })
}
