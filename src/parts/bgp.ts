// The routers of a site, as far as they are guests: packages, forwarding, firewall, DHCP and DNS, route validation, BGP.
import { asWanted } from '../probes/as-wanted.ts'
import { hostReachable } from '../probes/host-reachable.ts'
import type { Outside, Part, Probe, Resource } from '../resource.ts'
import { type FileSet, fileSet } from '../resources/file-set.ts'
import { guestHost, onGuest } from '../resources/guest-host.ts'
import { readSecrets } from '../resources/host-secrets.ts'
import { packages } from '../resources/packages.ts'
import type { Site } from '../site/site.ts'
import { cacheProbes } from './bgp/cache-probe.ts'
import { kernelProbes } from './bgp/kernel-probe.ts'
import { sessionProbes } from './bgp/session-probes.ts'
import { getRouterPackages } from './router/package-list.ts'
import { type Router, routersOf } from './router/router.ts'
import { rpkiProbes } from './router/rpki.ts'
import { idOf, routerSets } from './router/sets.ts'
import { updatesProbes } from './router/updates.ts'

export interface BgpOptions {
  /** Names of routers; default: all of the site. */
  readonly routers?: readonly string[] | undefined
  /** How long a router waits for the confirmation, where a change does not need longer by its nature. */
  readonly confirmWithinSeconds?: number | undefined
  /** True where this run does not make the guests: one that is down is then an error. */
  readonly alone: boolean
  /** The operator has seen that the prefixes of an AS-SET changed a lot. */
  readonly acceptIrr?: boolean
}

/** All routers of the site, which the same run may make. */
export const bgp: Part = bgpOf({ alone: false })

export function bgpOf(options: BgpOptions): Part {
  const { routers } = options
  const on = (site: Site) => routersOf(site).filter(({ guest: { name } }) => routers?.includes(name) ?? true)
  return {
    name: 'bgp',
    resources: (site) => on(site).flatMap((router) => resourcesOf(site, router, options)),
    probes: (site) => on(site).flatMap((router) => probesOf(site, router, options)),
  }
}

function resourcesOf(site: Site, router: Router, options: BgpOptions): readonly Resource[] {
  const { guest } = router
  const { alone, acceptIrr = false } = options
  const { wish, before, after } = routerSets(site, router, { acceptIrr })
  const make = (set: FileSet) => onGuest(site, guest, fileSet(patient(set, options)), { alone, ...aheadOf(set) })
  const wanted = { host: guest.name, packages: getRouterPackages(site, router), needs: before.map(idOf), wish }
  return [...before.map(make), onGuest(site, guest, packages(wanted), { alone }), ...after.map(make)]
}

function patient(set: FileSet, { confirmWithinSeconds }: BgpOptions): FileSet {
  if (confirmWithinSeconds === undefined) return set
  return { ...set, confirmWithinSeconds: Math.max(confirmWithinSeconds, set.confirmWithinSeconds ?? 0) }
}

/** A secret that cannot be read is a problem of the plan also while its router is still to be made. */
function aheadOf({ name, host, secrets }: FileSet) {
  return secrets && { ahead: (outside: Outside) => readSecrets(`${name} of ${host}`, secrets, outside) }
}

function probesOf(site: Site, router: Router, options: BgpOptions): readonly Probe[] {
  const { guest } = router
  const resources = resourcesOf(site, router, { ...options, alone: true })
  return [
    hostReachable(guest.name, (outside) => guestHost(site, guest, outside)),
    ...resources.map((resource) => asWanted(resource, 'as the site file says')),
    ...updatesProbes(site, router),
    ...rpkiProbes(site, router),
    ...cacheProbes(site, router),
    ...sessionProbes(site, router),
    ...kernelProbes(site, router),
  ]
}
