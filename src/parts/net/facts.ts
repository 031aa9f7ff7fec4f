// Everything that the resources of one node read of it, as one wish: one round trip for all of them.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import { packagesFacts } from '../../resources/packages.ts'
import { timezoneFacts } from '../../resources/timezone.ts'
import type { Node, Site } from '../../site/site.ts'
import { arcFacts } from './arc.ts'
import { hostsFacts } from './hosts.ts'
import { interfacesWish } from './interfaces.ts'
import { hasInterfaces } from './node-bridges.ts'
import { getPackages } from './package-list.ts'
import { pinningFacts } from './pinning.ts'
import { sourcesFacts } from './sources.ts'
import { swapFacts } from './swap.ts'
import { sysctlFacts } from './sysctl.ts'
import { zramFacts } from './zram.ts'

export function nodeWish(site: Site, node: Node): FileSet['wish'] {
  const topics: readonly Facts[] = [
    NODE_NAME,
    hasInterfaces(node) ? interfacesWish(node) : {},
    site.timezone === undefined ? {} : timezoneFacts(site.timezone),
    packagesFacts(getPackages(node)),
    hostsFacts(site, node),
    ...[pinningFacts, sourcesFacts, sysctlFacts, swapFacts, zramFacts, arcFacts].map((facts) => facts(node)),
  ]
  return wishOf(topics)
}
