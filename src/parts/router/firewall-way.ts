// Does the firewall let the session in that asks for it? What locks the operator out is refused before anything changes.
import { type HostFacts, SSH_ENDS, said } from '../../resources/host-facts.ts'
import { contains, type IpRange } from '../../site/ip.ts'
import type { Site } from '../../site/site.ts'
import { type Interface, ipsOf } from './firewall-interfaces.ts'
import type { Router } from './router.ts'

/** The session that asks must find its way in again: from a node, a network that is inside and open, or by a rule. */
export function lockout(
  site: Site,
  router: Router,
  seen: HostFacts,
  interfaces: readonly Interface[],
): readonly string[] {
  const [client, server] = ipsOf((said(seen, SSH_ENDS) ?? '').split(' '))
  if (client === undefined || server === undefined || isNode(site, client)) return []
  const way = interfaces.find(({ networks }) => networks.some((cidr) => contains(cidr, server)))
  if (way?.side === 'inside' && !way.isolated) return []
  if (isAllowed(site, router, client, way)) return []
  const name = way === undefined ? 'from outside' : `over ${way.network}`
  return [`your own session comes ${name}, and no rule lets SSH in from there: go through a node, or allow it`]
}

function isNode({ nodes }: Site, client: IpRange): boolean {
  const own = nodes.flatMap(({ address, addresses }) => [address, ...Object.values(addresses).flat()])
  return ipsOf(own).some((address) => contains(address, client))
}

function isAllowed({ firewall: wanted, guests }: Site, { guest }: Router, client: IpRange, way?: Interface): boolean {
  const port = guest.ssh.port ?? 22
  const holds = (range: string) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return first <= port && port <= last
  }
  const comesFrom = (name: string) => {
    const nics = guests.find((one) => one.name === name)?.nics ?? []
    const addresses = nics
      .flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
      .map((one) => (typeof one === 'object' ? one : undefined))
    return (
      name === way?.network || ipsOf(addresses.map((one) => one?.cidr.split('/')[0])).some((ip) => contains(ip, client))
    )
  }
  return (wanted?.allow ?? []).some(({ from, to, tcp, udp, icmp }) => {
    const all = tcp.length === 0 && udp.length === 0 && !icmp
    return to.includes(guest.name) && (all || tcp.some(holds)) && from.some(comesFrom)
  })
}
