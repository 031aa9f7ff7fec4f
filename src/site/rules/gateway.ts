// Rule: who takes the address of a gateway should be the router. Two answers for it break the whole network.
import { parseCidr, parseIp } from '../ip.ts'
import type { Finding, Network, Site } from '../site.ts'
import { nicIp } from './address-claim.ts'
import { byName } from './lookup.ts'
import { guestPath, warning } from './verdict.ts'

/** A guest that routes some network, by the site file's own words, may be the gateway of any. */
export function gateways(site: Site): Finding[] {
  const networks = byName(site.networks)
  const routers = new Set([...site.networks.map(({ router }) => router), ...[site.firewall?.router, site.bgp?.router]])
  const findings: Finding[] = []
  for (const guest of site.guests.filter(({ name }) => !routers.has(name)))
    for (const { network: name, ipv4, ipv6 } of guest.nics) {
      const network = networks.get(name)
      const taken = network === undefined ? undefined : gatewaysOf(site, network)
      for (const address of [nicIp(ipv4), nicIp(ipv6)]) {
        const text = address && taken?.get(`${address.family}/${address.first}`)
        if (text) findings.push(warning(guestPath(guest, 'nics', name), say(text, name, guest.name)))
      }
    }
  return findings
}

const say = (address: string, network: string, guest: string): string =>
  `${address} is the gateway of network ${network}: if ${guest} is that router, say networks.${network}.router: ${guest}`

/** By family and value; those of the nodes count where they lie in the network. */
function gatewaysOf(site: Site, { gateway, gateway6, ipv4, ipv6 }: Network): Map<string, string> {
  const ranges = [ipv4, ipv6].flatMap((cidr) => (cidr === undefined ? [] : (parseCidr(cidr) ?? [])))
  const found = new Map<string, string>()
  for (const text of [gateway, gateway6, ...site.nodes.flatMap((node) => [node.gateway, node.gateway6])]) {
    const ip = text === undefined ? undefined : parseIp(text)
    const inside = ranges.some(
      ({ family, first, last }) => ip?.family === family && first <= ip.first && ip.first <= last,
    )
    if (text !== undefined && ip !== undefined && inside) found.set(`${ip.family}/${ip.first}`, text)
  }
  return found
}
