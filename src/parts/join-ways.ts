// Whether every other gateway of the mesh has a way to those that join: they carry traffic for all of them, linked or not.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { addressesOf, lookAt } from './mesh/look.ts'
import type { GatewayLook } from './mesh/look-text.ts'
import type { Gateway } from './mesh/model.ts'

export interface WaysWish {
  readonly site: Site
  readonly outside: Outside
  readonly joining: readonly Gateway[]
  readonly others: readonly Gateway[]
  /** Networks are announced too, and not only the own addresses. */
  readonly isWhole: boolean
}

/** What is missing, one line for each gateway that lacks a way or does not tell; [] = nothing. Errors: E_INTERRUPTED. */
export async function wayTroubles(wish: WaysWish): Promise<readonly string[]> {
  if (wish.joining.length === 0) return []
  return (await Promise.all(wish.others.map((from) => troublesOf(from, wish)))).flat()
}

async function troublesOf(from: Gateway, { site, outside, joining, isWhole }: WaysWish): Promise<readonly string[]> {
  try {
    const look = await lookAt({ site, outside }, from, joining, { pings: 0, probe: false })
    if (!isInMesh(from, look)) return []
    return joining.flatMap((to) => lackOf(from, to, look, isWhole))
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    return [`${from.name} does not tell its ways: ${error.message}`]
  }
}

/** One without a tunnel has not joined itself. */
function isInMesh({ links }: Gateway, look: GatewayLook): boolean {
  return links.some((end) => (look.links.get(end.interface)?.state ?? 'absent') !== 'absent')
}

/** A way by another interface than one of ours is none: a default route would carry it to the Internet. */
function lackOf(from: Gateway, to: Gateway, { ways }: GatewayLook, isWhole: boolean): readonly string[] {
  const ours = new Set(from.links.map((end) => end.interface))
  const [own = to.address, ...routes] = addressesOf(to)
  const isLost = (address: string) => !ours.has(ways.get(address) ?? '')
  if (isLost(own)) return [`${from.name} has no way to ${to.name}`]
  const lost = isWhole ? to.routes.filter((_, at) => isLost(routes[at] ?? own)) : []
  return lost.length === 0 ? [] : [`${from.name} has no way to ${lost.join(', ')} of ${to.name}`]
}
