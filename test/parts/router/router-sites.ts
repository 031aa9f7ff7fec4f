// Routers for tests: ORION's, as the starting point has it, and what a host tells of its interfaces.
import { fileURLToPath } from 'node:url'
import type { SeenFile } from '../../../src/host/host.ts'
import { type Router, routersOf } from '../../../src/parts/router/router.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { KEY } from '../../site/site-text.ts'

export interface RouterSite {
  readonly site: Site
  readonly router: Router
}

/** A starting point of the wizard with its router; `change` makes another site of it. */
export async function routerSite(change: (site: Site) => Site = (site) => site): Promise<RouterSite> {
  const file = fileURLToPath(new URL('../../../templates/sites/orion.yaml', import.meta.url))
  const site = change(await loadSite(file, { home: '/nowhere', standInKey: KEY }))
  const [router] = routersOf(site)
  if (router === undefined) throw new Error('the site has no router')
  return { site, router }
}

/** What is read of a router whose NICs are called so, in their order. */
export function seenLinks({ nics }: Router, names: readonly string[]): { readonly links: string } {
  const rows = nics.map(({ nic }, at) => ({ ifname: names[at] ?? `eth${at}`, address: nic.mac.toLowerCase() }))
  return { links: JSON.stringify(rows) }
}

export function seenRouter(
  router: Router,
  { names = [], files = {} }: { names?: readonly string[]; files?: Readonly<Record<string, SeenFile>> } = {},
): HostFacts {
  const output = { code: 0, stdout: seenLinks(router, names).links, stderr: '' }
  return { files: new Map(Object.entries(files)), commands: new Map([['links', output]]) }
}
