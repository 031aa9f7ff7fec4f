// The files of one router, set by set, in the order in which they come into being.
import type { ResourceId } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { type BirdSetOptions, bird } from '../bgp/bird.ts'
import { edgeProblem } from '../bgp/edge.ts'
import { gobgp } from '../bgp/gobgp.ts'
import { irrProblems } from '../bgp/irr.ts'
import { routerWish } from './facts.ts'
import { firewall } from './firewall.ts'
import { forwarding } from './forwarding.ts'
import { leftRows } from './left.ts'
import type { Router } from './router.ts'
import { rpki } from './rpki.ts'
import { services } from './services.ts'
import { updates } from './updates.ts'

export interface RouterSets {
  /** Everything that all of them read of the router. */
  readonly wish: FileSet['wish']
  /** What a package shall find when it is installed, as it starts its service at once. */
  readonly before: readonly FileSet[]
  readonly after: readonly FileSet[]
}

type Topic = (site: Site, router: Router, wish: FileSet['wish']) => FileSet | undefined

export function routerSets(site: Site, router: Router, options: BirdSetOptions = { acceptIrr: false }): RouterSets {
  const wish = routerWish(site, router)
  const make = (...topics: readonly Topic[]) => topics.flatMap((topic) => topic(site, router, wish) ?? [])
  const walls = make(firewall)
  // Nothing is forwarded before the firewall stands, nor announced before packets get on.
  const forwards = make(forwarding).map((set) => withLeft(site, router, withNeeds(set, walls)))
  const speakers = make((...given) => bird(...given, options), gobgp)
    .map((set) => withNeeds(set, forwards))
    .map((set) => withProblems(site, set, options))
  return { wish, before: make(updates, rpki), after: [...walls, ...forwards, ...make(services), ...speakers] }
}

export function idOf({ host, name }: FileSet): ResourceId {
  return `file-set:${host}/${name}`
}

/** What neither daemon takes: that the other one speaks now, and sets of prefixes that are odd. */
function withProblems(site: Site, set: FileSet, { acceptIrr }: BirdSetOptions): FileSet {
  const odd = (seen: HostFacts) => (site.bgp && set.questions ? irrProblems(site.bgp, seen, { accept: acceptIrr }) : [])
  const problems = (seen: HostFacts) => [...(set.problems?.(seen) ?? []), ...edgeProblem(site, seen), ...odd(seen)]
  return { ...set, problems: (seen) => [...new Set(problems(seen))] }
}

/** On the set that every router has. */
function withLeft(site: Site, router: Router, set: FileSet): FileSet {
  return { ...set, drift: (seen) => [...(set.drift?.(seen) ?? []), ...leftRows(site, router, seen)] }
}

function withNeeds(set: FileSet, others: readonly FileSet[]): FileSet {
  return { ...set, needs: [...(set.needs ?? []), ...others.map(idOf)] }
}
