// The preshared keys of a site's mesh: one for each link whose two gateways are planned.
import type { Resource } from '../../resource.ts'
import { onGuest } from '../../resources/guest-host.ts'
import { meshPsk } from '../../resources/mesh-psk.ts'
import { type PskLink, pskFacts } from '../../resources/mesh-psk-look.ts'
import type { Site } from '../../site/site.ts'
import { endsOf, type Gateway, getMesh, type Link, type LinkEnd } from './model.ts'
import { pskProgram } from './psk-program.ts'

export interface PskOptions {
  /** As `onGuest` has it. */
  readonly alone: boolean
  /** Links whose two ends are among these; default: all. */
  readonly gateways?: readonly string[]
}

/** One for each link; [] where the site file wants none. */
export function pskResources(site: Site, { alone, gateways }: PskOptions): readonly Resource[] {
  if (site.mesh?.postQuantum === undefined) return []
  const isPlanned = ({ name }: Gateway) => gateways?.includes(name) ?? true
  const links = getMesh(site).links.filter(({ a, b }) => isPlanned(a) && isPlanned(b))
  return pskLinks(site, links).map((link) => onGuests(site, link, alone))
}

/** Links as the exchange wants them, each host with one question for all of its links. */
export function pskLinks(site: Site, links: readonly Link[]): readonly PskLink[] {
  const program = pskProgram()
  const looks = new Map(
    getMesh(site).gateways.map((gateway) => [
      gateway.name,
      pskFacts(
        program,
        gateway.links.map((end) => end.interface),
      ),
    ]),
  )
  const toEnd = (end: LinkEnd) => ({
    host: end.own.name,
    interface: end.interface,
    look: looks.get(end.own.name) ?? pskFacts(program, []),
  })
  const required = site.mesh?.postQuantum?.required ?? false
  return links.map((link) => {
    const [a, b] = endsOf(link)
    return { id: link.id, site: site.name, ends: [toEnd(a), toEnd(b)], program, required }
  })
}

/** New as long as one of its gateways is a guest that is not there yet. */
function onGuests(site: Site, link: PskLink, alone: boolean): Resource {
  const guests = site.guests.filter(({ name }) => link.ends.some(({ host }) => host === name))
  return guests.reduce<Resource>(
    (inner, guest) => onGuest(site, guest, inner, { alone }),
    meshPsk({ link }) as Resource,
  )
}
