// The Keeper: a guard on each node, which measures, sheds before the node melts, and feeds what resets it when it stands still.
import { asWanted } from '../probes/as-wanted.ts'
import type { Part, Probe, Resource, ResourceId } from '../resource.ts'
import { type FileSet, fileSet } from '../resources/file-set.ts'
import { packages } from '../resources/packages.ts'
import type { Keeper } from '../site/services.ts'
import type { Node, Site } from '../site/site.ts'
import { endedSets } from './keeper/ending.ts'
import { keeperWish } from './keeper/facts.ts'
import { keeperProbes } from './keeper/probes.ts'
import { KEEPER_PACKAGES, KEEPER_TOPIC, keeperService } from './keeper/service.ts'
import { watchdog } from './keeper/watchdog.ts'
import { netOf } from './net.ts'

export interface KeeperOptions {
  /** Names of nodes; default: all of the site. */
  readonly nodes?: readonly string[] | undefined
  /** How long a host waits for the confirmation. */
  readonly confirmWithinSeconds?: number | undefined
  /** What the site file names no more ends: looks at nodes also where it says nothing of a Keeper. */
  readonly ending?: boolean
}

/** All nodes of the site. */
export const keeper: Part = keeperOf({})

export function keeperOf(options: KeeperOptions): Part {
  const on = ({ nodes }: Site) => nodes.filter(({ name }) => options.nodes?.includes(name) ?? true)
  return {
    name: 'keeper',
    resources: (site) => on(site).flatMap((node) => resourcesOf(site, node, options)),
    probes: (site) => on(site).flatMap((node) => probesOf(site, node)),
  }
}

/** The file sets of a node; [] without `keeper` in the site file. */
export function keeperSets(site: Site, node: Node): readonly FileSet[] {
  const { keeper: wanted } = site
  if (wanted === undefined) return []
  const wish = keeperWish(wanted)
  const dog = wanted.watchdog ? [watchdog(node, wanted.watchdog, wish)] : []
  return [keeperService(site, wanted, node, wish), ...dog]
}

function resourcesOf(site: Site, node: Node, { confirmWithinSeconds, ending }: KeeperOptions): readonly Resource[] {
  const { keeper: wanted } = site
  const gone = { keeper: wanted === undefined, watchdog: wanted?.watchdog === undefined }
  const all = [...keeperSets(site, node), ...(ending ? endedSets(node, gone) : [])]
  const sets = all.map((set) => fileSet(confirmWithinSeconds === undefined ? set : { confirmWithinSeconds, ...set }))
  return wanted === undefined ? sets : [programs(site, wanted, node.name), ...sets]
}

function programs(site: Site, wanted: Keeper, host: string): Resource {
  const needs = nodeNeeds(site, host)
  return packages({ host, name: KEEPER_TOPIC, packages: KEEPER_PACKAGES, needs, wish: keeperWish(wanted) })
}

/** What the network part does with a node before: its addresses, where packages come from. */
function nodeNeeds(site: Site, node: string): readonly ResourceId[] {
  const all = netOf({ nodes: [node] }).resources(site, { restart: false })
  return all.map(({ id }) => id).filter((id) => /\/(interfaces|sources|debian)$/.test(id))
}

function probesOf(site: Site, node: Node): readonly Probe[] {
  const { keeper: wanted } = site
  if (wanted === undefined) return []
  const resources = resourcesOf(site, node, {}).map(withoutWaits)
  return [
    ...resources.map((resource) => asWanted(resource, 'as the site file says')),
    ...keeperProbes(wanted, node.name),
  ]
}

/** What only the operator can do is told by the probe that looks at it. */
function withoutWaits(resource: Resource): Resource {
  return { ...resource, diff: (have) => resource.diff(have).filter(({ waits }) => waits === undefined) }
}
