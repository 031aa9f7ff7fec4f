// What only one of the two daemons needs: left behind by a move that was given up, and removed by the clean-up.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import { BIRD_FILES } from './bird-names.ts'
import { EDGE_FILE, edgeOf } from './edge.ts'
import { GOBGP_FILES } from './gobgp.ts'

/** What only the other daemon needs. No file at the edge means BIRD. */
export function leftovers(to: Bgp['daemon']): readonly string[] {
  return to === 'bird' ? Object.values(GOBGP_FILES) : [BIRD_FILES.secrets]
}

// Names alone: there are passwords in them.
const THERE = 'for one do [ ! -e "$one" ] || printf "%s\\n" "$one"; done'
const NAMES = 'edge-leftovers'
const ASKED = [...leftovers('bird'), ...leftovers('gobgp')].filter((path) => path !== EDGE_FILE)

export const LEFTOVER_FACTS: Facts = { commands: { [NAMES]: ['sh', '-c', THERE, 'orion-leftovers', ...ASKED] } }

/** Files that are there and that the daemon at the edge does not need. Pure, with LEFTOVER_FACTS and the edge's file. */
export function leftoversOf(seen: HostFacts): readonly string[] {
  const unneeded = leftovers(edgeOf(seen))
  return (said(seen, NAMES) ?? '').split('\n').filter((path) => unneeded.includes(path))
}
