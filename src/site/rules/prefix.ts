// Rule: every announced prefix is announced once, and something of the site is in it.
import { type Cidr, contains, formatNetwork, parseCidr } from '../ip.ts'
import type { Finding, Site } from '../site.ts'
import { nicIp } from './address-claim.ts'
import { collisions, type Taken } from './interval.ts'
import { error, warning } from './verdict.ts'

export function prefixes(site: Site): Finding[] {
  const announced = (site.bgp?.announce ?? []).flatMap((text, order) => {
    const cidr = parseCidr(text)
    return cidr === undefined ? [] : [{ ...cidr, order }]
  })
  return [...twice(announced), ...notHeld(announced, site)]
}

/** Only the aggregate is announced: a second prefix within it would be the same addresses once more. */
function twice(announced: readonly (Cidr & Taken)[]): Finding[] {
  return collisions(announced).map(({ earlier, later }) => {
    const isSame = earlier.prefix === later.prefix
    const what = isSame ? 'stands here twice' : `overlaps ${formatNetwork(earlier)}: announce the wider one alone`
    return error(['bgp', 'announce', later.order], `${formatNetwork(later)} ${what}`)
  })
}

/**
 * Whoever announces a prefix of somebody else takes that network off the internet: a wrong digit is enough. Ours is what something
 * of the site is in. Packets to what is announced, and is in no network as a whole, end at the router.
 */
function notHeld(announced: readonly (Cidr & Taken)[], { networks, guests }: Site): Finding[] {
  const held = networks.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((text) => parseCidr(text ?? '') ?? []))
  const addresses = guests.flatMap(({ nics }) =>
    nics.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((one) => nicIp(one) ?? [])),
  )
  return announced.flatMap((prefix): Finding[] => {
    const path = ['bgp', 'announce', prefix.order]
    if (held.some((network) => contains(prefix, network)) || addresses.some((one) => contains(prefix, one))) return []
    const isPart = held.some((network) => contains(network, prefix))
    const text = formatNetwork(prefix)
    return isPart
      ? [warning(path, `no network of the site is in ${text}: is it ours?`)]
      : [error(path, `${text} is not ours: no network and no address of the site is in it`)]
  })
}
