// Rule: only addresses of our own are given up, and somebody is there who drops what is sent to them.
import { contains, parseCidr } from '../ip.ts'
import type { Finding, Site } from '../site.ts'
import { error, warning } from './verdict.ts'

/** RFC 7999, section 3.3: an announcement with the community lies in a prefix of its announcer, and is longer than that. */
export function blackholes({ bgp }: Site): Finding[] {
  if (bgp === undefined) return []
  const announced = bgp.announce.flatMap((text) => parseCidr(text) ?? [])
  const findings = bgp.blackhole.flatMap((text, index): Finding[] => {
    const cidr = parseCidr(text)
    if (cidr === undefined) return []
    const path = ['bgp', 'blackhole', index]
    const inside = announced.find((prefix) => contains(prefix, cidr))
    if (inside === undefined)
      return [error(path, `${text} is in no prefix of bgp.announce: only our own can be given up`)]
    if (inside.prefix === cidr.prefix)
      return [
        error(
          path,
          `${text} is announced as a whole: give up the addresses under attack, such as a /${cidr.family === 4 ? 32 : 128}`,
        ),
      ]
    return []
  })
  if (bgp.blackhole.length > 0 && !bgp.peers.some(({ blackhole }) => blackhole))
    findings.push(
      warning(['bgp', 'blackhole'], 'no peer drops these: say blackhole: true where the provider offers it'),
    )
  return findings
}
