// What a new configuration of GoBGP does to each session. It compares neighbor by neighbor, ends one whose own keys differ, and has
// the routes of all pass the policies anew; what stands before its sets it reads at a start alone (3.10 and 3.36, test/real/bgp-gobgp.test.ts).
import type { Impact } from './impact.ts'

export interface NeighborImpact {
  readonly name: string
  readonly impact: Impact
}

interface Neighbor {
  readonly name: string
  readonly session: string
}

interface Conf {
  /** Of the daemon: number, router id, where it listens, RPKI caches. */
  readonly lasting: string
  readonly rules: string
  /** By their addresses. */
  readonly neighbors: ReadonlyMap<string, Neighbor>
}

/** By the neighbors' addresses; each side the text of the file. Pure. */
export function gobgpImpact(old: string, next: string): ReadonlyMap<string, NeighborImpact> {
  const [before, after] = [parse(old), parse(next)]
  const addresses = [...new Set([...before.neighbors.keys(), ...after.neighbors.keys()])]
  return new Map(
    addresses.map((address) => {
      const [was, now] = [before.neighbors.get(address), after.neighbors.get(address)]
      return [address, { name: now?.name ?? was?.name ?? address, impact: compare(before, after, was, now) }]
    }),
  )
}

function compare(before: Conf, after: Conf, was: Neighbor | undefined, now: Neighbor | undefined): Impact {
  if (was === undefined) return 'new'
  if (now === undefined) return 'ends'
  if (before.lasting !== after.lasting || was.session !== now.session) return 'resets'
  return before.rules === after.rules ? 'nothing' : 'reloads'
}

function parse(text: string): Conf {
  const blocks = withoutComments(text).split(/^(?=\[)/m)
  const first = blocks.findIndex((block) => block.startsWith('[[defined-sets'))
  const isNeighbor = (block: string) => block.startsWith('[[neighbors]]')
  const neighbors = blocks.filter(isNeighbor).map((block) => {
    const value = (key: string) => new RegExp(`^ *${key} = "(.*)"$`, 'm').exec(block)?.[1] ?? ''
    const name = value('description').split(',')[0] ?? ''
    return [value('neighbor-address'), { name, session: withoutLimits(block) }] as const
  })
  return {
    lasting: blocks.slice(0, Math.max(first, 0)).join(''),
    rules: blocks
      .slice(Math.max(first, 0))
      .filter((block) => !isNeighbor(block))
      .join(''),
    neighbors: new Map(neighbors),
  }
}

const withoutComments = (text: string): string => text.replace(/^#.*\n/gm, '').trim()

/** A limit counts from now on, and the session has no notice of it. */
function withoutLimits(block: string): string {
  return block.replace(/^ *\[neighbors\.afi-safis\.prefix-limit\.config\]\n(?:^ +\S+ = .*\n?)*/gm, '').trim()
}
