// How many routes of a peer the filters refused, and why: each refused route carries its reason as a large community.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { protocolOf } from './bird-names.ts'
import { parseCount, parseNetworks } from './birdc.ts'
import { REASONS, type Reason } from './reasons.ts'

export interface Refusal {
  /** A word for scripts. */
  readonly reason: string
  readonly text: string
  readonly routes: number
  /** The first few of them. */
  readonly networks: readonly string[]
}

const EXAMPLES = 3

// Some lines of BIRD for each route; a reader that goes away ends birdc.
const FIRST_LINES = `birdc -v show route filtered protocol "$1" where "$2" | head -n ${EXAMPLES * 6}`

/** What must be read to count refused routes, for these reasons or all. */
export function refusalFacts(asn: number, peer: string, names?: readonly string[]): Facts {
  const wanted = REASONS.filter(({ name }) => names === undefined || names.includes(name))
  const commands = wanted.flatMap((reason) => {
    const marked = `(${asn}, 2, ${reason.number}) ~ bgp_large_community`
    const shown = ['birdc', '-v', 'show', 'route', 'filtered', 'protocol', protocolOf(peer), 'where', marked]
    const examples = ['sh', '-c', FIRST_LINES, 'orion-refused', protocolOf(peer), marked]
    return [
      [nameOf(peer, reason), [...shown, 'count']],
      ...(names === undefined ? [[`${nameOf(peer, reason)} examples`, examples]] : []),
    ]
  })
  return { commands: Object.fromEntries(commands) }
}

const nameOf = (peer: string, { name }: Reason): string => `bird-refused ${peer} ${name}`

/** Routes of a peer that were refused for one reason; undefined where it was not counted. Pure. */
export function refusedFor(seen: HostFacts, peer: string, name: Reason['name']): number | undefined {
  return parseCount(said(seen, `bird-refused ${peer} ${name}`) ?? '')
}

/** Every reason for which routes of a peer were refused, the most frequent first. Pure; with all reasons of `refusalFacts`. */
export function refusalsOf(seen: HostFacts, peer: string): readonly Refusal[] {
  return REASONS.flatMap((reason) => {
    const routes = refusedFor(seen, peer, reason.name) ?? 0
    const networks = parseNetworks(said(seen, `${nameOf(peer, reason)} examples`) ?? '').slice(0, EXAMPLES)
    return routes === 0 ? [] : [{ reason: reason.name, text: reason.text, routes, networks }]
  }).sort((a, b) => b.routes - a.routes)
}
