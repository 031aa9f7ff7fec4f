// What Linux counted of the TCP segments that it dropped: a wrong password is seen nowhere else.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'

/** Of /proc/net/netstat: name of a counter → how often since the router started. */
export type Counters = Readonly<Record<string, number>>

const NAME = 'tcp-counters'

export const COUNTER_FACTS: Facts = { commands: { [NAME]: ['cat', '/proc/net/netstat'] } }

/** Of COUNTER_FACTS; none where they could not be read. Pure. */
export function countersOf(seen: HostFacts): Counters {
  return parseCounters(said(seen, NAME) ?? '')
}

/** How much each counter grew between two reads. Pure. */
export function grownBetween(before: HostFacts, after: HostFacts): Counters {
  const old = countersOf(before)
  // A router that restarted in between counts from zero again.
  return Object.fromEntries(
    Object.entries(countersOf(after)).map(([name, now]) => [
      name,
      now >= (old[name] ?? 0) ? now - (old[name] ?? 0) : now,
    ]),
  )
}

/** Pure. Lines in pairs, `TcpExt: NAME …` and `TcpExt: NUMBER …`. */
export function parseCounters(text: string): Counters {
  const [names = [], numbers = []] = text
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.trim().split(/\s+/).slice(1))
  return Object.fromEntries(names.map((name, at) => [name, Number(numbers[at] ?? 0)]))
}
