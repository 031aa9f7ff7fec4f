// orion mesh rotate: a new preshared key, or a new key pair, for one link after the other. What was reached is asked of the hosts.

import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { exchangePsk } from '../../resources/mesh-psk-exchange.ts'
import { lookBoth, type Two } from '../../resources/mesh-psk-look.ts'
import { applyPsk, healPsk, type RotationOptions } from '../../resources/mesh-psk-rotation.ts'
import type { Site } from '../../site/site.ts'
import { getMesh, type Link } from './model.ts'
import { pskLinks } from './psk.ts'
import { reachOf } from './reach.ts'
import { classOf, hasOtherWay, type LinkClass, type RotationWish, rotationOrder } from './rotate-order.ts'
import { drainLink, type RotatingLink, refuseDown, rotatePair } from './rotate-pair.ts'

/** What changes of a link: the preshared key (nothing is lost), or both ends' own key pairs (the session begins anew). */
export type KeyKind = 'psk' | 'pair'

export interface RotationLink {
  readonly id: string
  readonly class: LinkClass
  readonly hosts: Two<string>
  /** While it is out there is another way between its ends. */
  readonly hasOtherWay: boolean
}

/** `rotated` now; `finished`: an earlier run had done it but for the last step. */
export type RotationResult = 'rotated' | 'finished'

export interface Rotation {
  /** In the order of the classes. */
  readonly classes: readonly (readonly RotationLink[])[]
  /** Links that need a run of their own after this one: those over the bypass. */
  readonly later: readonly string[]
  /** Errors: E_HOST_FACTS where an end refuses (nothing changed), E_ROLLED_BACK, E_INTERRUPTED, those of Host. */
  rotate(id: string, note: (text: string) => void): Promise<RotationResult>
}

export interface RotationRequest extends RotationWish {
  readonly kind: KeyKind
  readonly patience?: RotationOptions['patience']
}

/** Errors: E_USAGE for links that are none, and for preshared keys where the site file wants none. */
export function openRotation(site: Site, outside: Outside, request: RotationRequest): Rotation {
  const { kind, patience } = request
  if (kind === 'psk' && site.mesh !== undefined && site.mesh.postQuantum === undefined)
    throw new OrionError(`the mesh of ${site.name} has no preshared keys (mesh.postQuantum)`, {
      code: 'E_USAGE',
      suggestions: ['new key pairs of WireGuard: orion mesh rotate --keypairs'],
    })
  const order = rotationOrder(site, request)
  const links = order.flat()
  const psk = new Map(pskLinks(site, links).map((link) => [link.id, link]))
  const rotate: Rotation['rotate'] = async (id, note) => {
    const [link, ends] = [links.find((one) => one.id === id), psk.get(id)]
    if (link === undefined || ends === undefined) throw new OrionError(`no link ${id}`, { code: 'E_USAGE' })
    const options = { signal: outside.signal, note, ...(patience && { patience }) }
    return (kind === 'psk' ? rotatePsk : rotatePair)(site, outside, { link, ends }, options)
  }
  const isAll = request.links.length === 0 && !request.bypass
  const later = getMesh(site).links.filter((link) => isAll && classOf(link) === 'bypass')
  return {
    classes: order.map((list) => list.map((link) => toRow(site, link))),
    later: later.map(({ id }) => id),
    rotate,
  }
}

function toRow(site: Site, link: Link): RotationLink {
  const hosts = [link.a.name, link.b.name] as const
  return { id: link.id, class: classOf(link), hosts, hasOtherWay: hasOtherWay(site, link) }
}

async function rotatePsk(
  site: Site,
  outside: Outside,
  { link: model, ends: link }: RotatingLink,
  options: RotationOptions,
): Promise<RotationResult> {
  const reach = reachOf(site)
  const hosts = await Promise.all([reach(link.ends[0].host, outside), reach(link.ends[1].host, outside)])
  const healed = await healPsk(link, hosts, options)
  // An earlier run may have ended while traffic was asked away from the link, also before it changed any key.
  await drainLink(site, outside, model, { on: false, note: options.note })
  if (healed === 'finished') return 'finished'
  refuseDown(link, await lookBoth(hosts, link))
  const id = await exchangePsk(link, hosts)
  await applyPsk(link, hosts, id, options)
  for (const host of hosts) host.forget()
  return 'rotated'
}
