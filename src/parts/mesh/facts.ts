// Everything that the resources of one gateway read of it, as one wish: one round trip for all of them, and for those who look at it.
import type { FileSet } from '../../resources/file-set.ts'
import { NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import { packagesFacts } from '../../resources/packages.ts'
import type { Site } from '../../site/site.ts'
import { meshBirdFacts } from './bird.ts'
import { CLIENT_FACTS } from './client-files.ts'
import { meshFirewallFacts } from './firewall.ts'
import { meshForwardingFacts } from './forwarding.ts'
import { linksFacts } from './links.ts'
import type { Gateway } from './model.ts'
import { getMeshPackages } from './packages.ts'
import { pskFile } from './psk-program.ts'

/** A wish names each link: of a gateway that many look at it is made once. */
const wishes = new WeakMap<Gateway, FileSet['wish']>()

export function meshWish(site: Site, gateway: Gateway): FileSet['wish'] {
  const wish = wishes.get(gateway) ?? makeWish(site, gateway)
  wishes.set(gateway, wish)
  return wish
}

function makeWish(site: Site, gateway: Gateway): FileSet['wish'] {
  const topics = [linksFacts, meshFirewallFacts, meshBirdFacts, meshForwardingFacts]
  return wishOf([
    NODE_NAME,
    packagesFacts(getMeshPackages(site, gateway), 'mesh'),
    CLIENT_FACTS,
    { files: [pskFile().path] },
    ...topics.map((facts) => facts(site, gateway)),
  ])
}
