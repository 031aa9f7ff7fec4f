// Profiles of guests: what makes a Debian one that may be attacked (`profile: hardened`).
import { asWanted } from '../probes/as-wanted.ts'
import { hostReachable } from '../probes/host-reachable.ts'
import type { Part, Probe, Resource } from '../resource.ts'
import { fileSet } from '../resources/file-set.ts'
import { guestHost, onGuest } from '../resources/guest-host.ts'
import { packages } from '../resources/packages.ts'
import type { Guest, Site } from '../site/site.ts'
import { profileSets, TOPIC } from './profile/sets.ts'
import { wazuhResources } from './profile/wazuh.ts'
import { routersOf } from './router/router.ts'
import { idOf } from './router/sets.ts'

/** Every guest with a profile, which the same run may make. */
export const profile: Part = {
  name: 'profile',
  resources: (site) => hardened(site).flatMap((guest) => resourcesOf(site, guest, false)),
  probes: (site) => hardened(site).flatMap((guest) => probesOf(site, guest)),
}

const hardened = (site: Site): readonly Guest[] => site.guests.filter((guest) => guest.profile === 'hardened')

function resourcesOf(site: Site, guest: Guest, alone: boolean): readonly Resource[] {
  const isRouter = routersOf(site).some((router) => router.guest.name === guest.name)
  const { wish, packages: names, before, after } = profileSets(site, guest, isRouter)
  const on = (resource: Resource): Resource => onGuest<unknown>(site, guest, resource, { alone })
  const installed = packages({ host: guest.name, name: TOPIC, packages: names, needs: before.map(idOf), wish })
  const wazuh = guest.wazuh === undefined ? [] : wazuhResources(guest.name, guest.wazuh)
  const sets = [...before.map(fileSet), installed, ...after.map(fileSet)] as readonly Resource[]
  return [...sets, ...wazuh].map(on)
}

function probesOf(site: Site, guest: Guest): readonly Probe[] {
  return [
    hostReachable(guest.name, (outside) => guestHost(site, guest, outside)),
    ...resourcesOf(site, guest, true).map((resource) => asWanted(resource, 'as the site file says')),
  ]
}
