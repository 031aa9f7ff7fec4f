// Ways of a mesh without BIRD, written down: no way moves when a link is cut.
import type { Site } from '../../site/site.ts'
import { interfaceText } from './bird-names.ts'
import { allOf, prefixesOf } from './bird-prefixes.ts'
import { type Gateway, getMesh, type LinkEnd } from './model.ts'

const HEAD = '# Made by orion from the site file: PREFIX dev INTERFACE.'

/**
 * What orion-mesh puts into the kernel's table of the mesh: to each prefix of each other gateway the direct link, else that with the
 * hub. Pure.
 */
export function staticRoutes(site: Site, gateway: Gateway): string {
  const others = getMesh(site).gateways.filter(({ name }) => name !== gateway.name)
  const lines = others.flatMap((other) => {
    const way = staticWay(gateway, other.name)
    if (way === undefined) return []
    const prefixes = ([4, 6] as const).flatMap((family) => allOf(prefixesOf(site, other, family)))
    return prefixes.map((prefix) => `${prefix} dev ${interfaceText(way.interface)}`)
  })
  return [HEAD, ...lines, ''].join('\n')
}

/** The link on which packets to another gateway leave; a link for the bypass alone is no way while there is a hub. Pure. */
export function staticWay({ links }: Pick<Gateway, 'links'>, to: string): LinkEnd | undefined {
  const own = links.find(({ peer }) => peer.name === to)
  if (own?.link.kinds.has('direct') || own?.link.kinds.has('hub')) return own
  return links.find(({ peer }) => peer.role === 'hub') ?? own
}
