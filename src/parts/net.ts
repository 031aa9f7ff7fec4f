// The host side of a node: its network, package sources, packages, kernel settings, time zone and swap.
import { asWanted } from '../probes/as-wanted.ts'
import { hostReachable } from '../probes/host-reachable.ts'
import type { Part, Probe, Resource, ResourceId } from '../resource.ts'
import { type FileSet, fileSet } from '../resources/file-set.ts'
import { packages } from '../resources/packages.ts'
import { timezone } from '../resources/timezone.ts'
import type { Node, Site } from '../site/site.ts'
import { arc } from './net/arc.ts'
import { nodeWish } from './net/facts.ts'
import { hosts } from './net/hosts.ts'
import { interfaces } from './net/interfaces.ts'
import { hasInterfaces } from './net/node-bridges.ts'
import { getPackages } from './net/package-list.ts'
import { pinning } from './net/pinning.ts'
import { sources } from './net/sources.ts'
import { swap } from './net/swap.ts'
import { sysctl } from './net/sysctl.ts'
import { zram } from './net/zram.ts'

export interface NetOptions {
  /** Names of nodes; default: all of the site. */
  readonly nodes?: readonly string[] | undefined
  /** How long a host waits for the confirmation, where a change does not need longer by its nature. */
  readonly confirmWithinSeconds?: number | undefined
}

/** All nodes of the site. */
export const net: Part = netOf({})

/** Some nodes alone; a name that the site does not have is nobody's (`base/selection.ts` refuses it). */
export function netOf({ nodes, confirmWithinSeconds }: NetOptions): Part {
  const on = (site: Site) => site.nodes.filter(({ name }) => nodes === undefined || nodes.includes(name))
  const patient = (set: FileSet): FileSet =>
    confirmWithinSeconds === undefined ? set : { confirmWithinSeconds, ...set }
  return {
    name: 'net',
    resources: (site) => on(site).flatMap((node) => resourcesOf(site, node, patient)),
    probes: (site) => on(site).flatMap((node) => probesOf(node, resourcesOf(site, node, patient))),
  }
}

/** Only what the site file says something about; a node that it only names has nothing here. */
function resourcesOf(site: Site, node: Node, patient: (set: FileSet) => FileSet): readonly Resource[] {
  const wish = nodeWish(site, node)
  const [pins, apt] = [pinning(node, wish), sources(node, wish)]
  const network = hasInterfaces(node) ? interfaces(node, wish) : undefined
  const wanted = getPackages(node)
  const host = node.name
  const sets = [
    network,
    // Pins keep the names that ports have now, so nothing waits for them; they stay as they are where the network is put back.
    pins && withNeeds(pins, network),
    hosts(site, node, wish),
    apt,
    Object.keys(node.sysctl).length === 0 ? undefined : sysctl(node, wish),
    zram(node, wish),
    swap(node, wish),
    arc(node, wish),
  ].flatMap((set) => (set === undefined ? [] : [fileSet(patient(set))]))
  return [
    ...sets,
    ...(wanted.length === 0 ? [] : [packages({ host, packages: wanted, needs: idsOf(apt), wish })]),
    ...(site.timezone === undefined ? [] : [timezone({ host, zone: site.timezone, wish })]),
  ]
}

function withNeeds(set: FileSet, ...others: readonly (FileSet | undefined)[]): FileSet {
  return { ...set, needs: [...(set.needs ?? []), ...idsOf(...others)] }
}

function idsOf(...sets: readonly (FileSet | undefined)[]): ResourceId[] {
  return sets.flatMap((set) => (set === undefined ? [] : [`file-set:${set.host}/${set.name}` as const]))
}

function probesOf(node: Node, resources: readonly Resource[]): readonly Probe[] {
  if (resources.length === 0) return []
  return [hostReachable(node.name), ...resources.map((resource) => asWanted(resource, 'as the site file says'))]
}
