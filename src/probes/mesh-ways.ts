// Proof that every gateway of the mesh has a second way: with one link left, the next failure cuts it off.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

/** A gateway that the site file gives more than one link. */
export interface GatewayLinks {
  readonly name: string
  /** `fra-1~kel-1`. */
  readonly links: readonly string[]
}

/** `look`: the links that carry traffic. */
export function meshWays(
  gateways: readonly GatewayLinks[],
  look: (outside: Outside) => Promise<ReadonlySet<string>>,
): Probe {
  const run = async (outside: Outside) => judge(gateways, await look(outside))
  return { id: 'mesh-ways:mesh', title: 'second ways of the mesh', run }
}

function judge(gateways: readonly GatewayLinks[], up: ReadonlySet<string>): ProbeResult {
  const expected = 'two links that stand, or more, of every gateway'
  const ways = gateways.map(({ name, links }) => ({ name, left: links.filter((link) => up.has(link)) }))
  const cut = ways.filter(({ left }) => left.length === 0).map(({ name }) => name)
  const last = ways.flatMap(({ name, left }) => (left.length === 1 ? [`${name} (${left[0]})`] : []))
  if (cut.length === 0 && last.length === 0)
    return { state: 'ok', expected, seen: `${gateways.length} gateways have them` }
  const texts = [
    ...(cut.length === 0 ? [] : [`no link left: ${cut.join(', ')}`]),
    ...(last.length === 0 ? [] : [`one link left: ${last.join(', ')}`]),
  ]
  const state = cut.length > 0 ? 'failed' : 'warning'
  return { state, expected, seen: texts.join('; '), hint: 'orion mesh status', settles: true }
}
