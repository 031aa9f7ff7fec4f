// Which links change their keys in one run, and in which order: so that one way between any two gateways is always as it was.
import { OrionError } from '../../errors.ts'
import type { Site } from '../../site/site.ts'
import { gatewayOf, getMesh, type Link, linkOf } from './model.ts'
import { noSuch } from './names.ts'

/** Links of one class change together; the next class only after all of them stand. */
export type LinkClass = 'direct' | 'hub' | 'bypass'

export interface RotationWish {
  /** `fra-1~kel-1` in either order, or a gateway: all of its links. [] = all. */
  readonly links: readonly string[]
  /** The links over the bypass; never in one run with those over the hub. */
  readonly bypass: boolean
}

export function classOf({ kinds }: Pick<Link, 'kinds'>): LinkClass {
  if (kinds.has('hub')) return 'hub'
  return kinds.has('bypass') ? 'bypass' : 'direct'
}

/** The links by class, in their order. Errors: E_USAGE for a name that is none, a mix of hub and bypass, and where there is nothing. Pure. */
export function rotationOrder(site: Site, { links: names, bypass }: RotationWish): readonly (readonly Link[])[] {
  const { links } = getMesh(site)
  if (links.length === 0) throw usage(`${site.name} has no mesh with links, so there are no keys`)
  const named = [...new Set(names.flatMap((name) => linksNamed(site, name, bypass)))]
  const chosen = names.length > 0 ? named : links.filter((link) => (classOf(link) === 'bypass') === bypass)
  const of = (wanted: LinkClass) => chosen.filter((link) => classOf(link) === wanted)
  const [direct, hub, last] = [of('direct'), of('hub'), of('bypass')]
  if (last.length > 0 && hub.length > 0)
    throw usage('links over the hub and links over the bypass never change their keys in one run', [
      'first without the links of the bypass, then orion mesh rotate --bypass',
    ])
  if (bypass && (hub.length > 0 || direct.length > 0))
    throw usage(`${[...hub, ...direct][0]?.id} is no link over the bypass`, ['leave out --bypass'])
  if (chosen.length === 0) throw usage(`${site.name} has no ${bypass ? 'link over a bypass' : 'such link'}`)
  return [direct, hub, last].filter((list) => list.length > 0)
}

/** Of a gateway: its links of this run, which is that of the bypass or that of all others. */
function linksNamed(site: Site, name: string, bypass: boolean): readonly Link[] {
  const link = linkOf(site, name)
  if (link) return [link]
  const gateway = gatewayOf(site, name)
  const ends = gateway?.links.filter((end) => (classOf(end.link) === 'bypass') === bypass)
  if (ends && ends.length > 0) return ends.map((end) => end.link)
  if (gateway) throw usage(`${name} has no link ${bypass ? 'over' : 'beside'} the bypass`)
  const { links } = getMesh(site)
  throw noSuch(
    site,
    'link',
    name,
    links.map(({ id }) => id),
  )
}

/** Routes have another way between its two ends, over the hub or the bypass, while this link is out. Pure. */
export function hasOtherWay(site: Site, { a, b }: Link): boolean {
  if (site.mesh?.routing === 'static') return false
  const reaches = (from: Link['a'], to: string) => from.links.some(({ peer }) => peer.name === to)
  const transits = getMesh(site).gateways.filter(({ role }) => role !== 'spoke')
  return transits.some(({ name }) => name !== a.name && name !== b.name && reaches(a, name) && reaches(b, name))
}

function usage(message: string, suggestions: readonly string[] = []): OrionError {
  return new OrionError(message, { code: 'E_USAGE', suggestions })
}
