// Everything that the resources of one router read of it, as one wish: one round trip for all of them.
import type { FileSet } from '../../resources/file-set.ts'
import { wishOf } from '../../resources/host-facts.ts'
import { packagesFacts } from '../../resources/packages.ts'
import type { Site } from '../../site/site.ts'
import { birdFacts } from '../bgp/bird.ts'
import { gobgpFacts } from '../bgp/gobgp.ts'
import { GOBGP_LOG_FACTS } from '../bgp/gobgp-errors.ts'
import { gobgpCacheFacts } from '../bgp/gobgp-routes.ts'
import { gobgpStateFacts } from '../bgp/gobgp-state.ts'
import { COUNTER_FACTS } from '../bgp/tcp-counters.ts'
import { firewallFacts } from './firewall.ts'
import { forwardingFacts } from './forwarding.ts'
import { leftFacts } from './left.ts'
import { getRouterPackages } from './package-list.ts'
import { ROUTER_FACTS, type Router } from './router.ts'
import { rpkiFacts } from './rpki.ts'
import { servicesFacts } from './services.ts'
import { updatesFacts } from './updates.ts'

export function routerWish(site: Site, router: Router): FileSet['wish'] {
  const topics = [
    forwardingFacts,
    firewallFacts,
    servicesFacts,
    updatesFacts,
    rpkiFacts,
    birdFacts,
    gobgpFacts,
    leftFacts,
  ]
  return wishOf([
    ROUTER_FACTS,
    packagesFacts(getRouterPackages(site, router)),
    ...topics.map((facts) => facts(site, router)),
    ...(speaksGobgp(site, router)
      ? [gobgpStateFacts(site.bgp), gobgpCacheFacts(site.bgp), GOBGP_LOG_FACTS, COUNTER_FACTS]
      : []),
  ])
}

function speaksGobgp(site: Site, { guest }: Router): site is Site & Required<Pick<Site, 'bgp'>> {
  return site.bgp?.router === guest.name && site.bgp.daemon === 'gobgp'
}
