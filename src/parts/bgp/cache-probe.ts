// Proof that routes are validated, whichever daemon speaks: a cache that is down is a warning while another one stands, and with none nothing is invalid any more.
import type { Outside, Probe, ProbeResult } from '../../resource.ts'
import { guestHost } from '../../resources/guest-host.ts'
import { type HostFacts, readFacts } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { routerWish } from '../router/facts.ts'
import type { Router } from '../router/router.ts'
import { type Cache, getCaches, hasValidated } from '../router/rpki.ts'
import { cacheRow } from './caches.ts'

/** None where routes are not validated. */
export function cacheProbes(site: Site, router: Router): readonly Probe[] {
  const { bgp } = site
  const { guest } = router
  const caches = getCaches(site)
  if (bgp?.router !== guest.name || caches.length === 0) return []
  const wish = routerWish(site, router)
  const run = async (outside: Outside) =>
    judge(bgp, caches, await readFacts(await guestHost(site, guest, outside), wish))
  return [{ id: `rpki-caches:${guest.name}`, title: `RPKI caches of ${guest.name}`, run }]
}

function judge(bgp: Bgp, caches: readonly Cache[], seen: HostFacts): ProbeResult {
  const expected = 'validated routes from every cache'
  const rows = caches.map((cache) => ({ ...cache, row: cacheRow(bgp, seen, cache) }))
  const isUp = ({ row }: (typeof rows)[number]) => row?.state === 'Established' && row.roas > 0
  const down = rows.filter((one) => !isUp(one))
  if (down.length === 0) return { state: 'ok', expected, seen: `${rows.length} of ${rows.length}` }
  const told = down.map(
    ({ name, address, row }) => `${name} (${address}): ${row === undefined ? 'not asked' : wordOf(row)}`,
  )
  const isNew = down.some(({ name }) => name === 'local') && !hasValidated(seen)
  // Right after it was installed the router's own validator needs minutes for its first result.
  const state = down.length < rows.length || isNew ? 'warning' : 'failed'
  const hint = down.some(({ name }) => name === 'local')
    ? 'on the router: systemctl status stayrtr rpki-client'
    : 'ask who keeps the cache, or correct bgp.rpki.caches'
  return { state, expected, seen: told.join(', '), hint }
}

function wordOf({ state, roas }: { readonly state: string; readonly roas: number }): string {
  return state === 'Established' && roas === 0 ? 'established, and empty' : state.toLowerCase()
}
