// What the site file no longer asks of a router and the router still does: the plan says it, and what takes it away.
import assert from 'node:assert/strict'
import { routerWish } from '../../../src/parts/router/facts.ts'
import { routerSets } from '../../../src/parts/router/sets.ts'
import type { Site } from '../../../src/site/site.ts'
import { routerSite, seenRouter } from './router-sites.ts'

const OURS = '# Made by orion from the site file: what is written here by hand is lost.\n'
const FILES = {
  firewall: '/etc/orion/firewall.nft',
  BIRD: '/etc/bird/bird.conf',
  GoBGP: '/etc/systemd/system/orion-gobgp.service',
  'RPKI validator': '/etc/systemd/system/stayrtr.service.d/orion.conf',
  'DHCP and DNS': '/etc/dnsmasq.d/orion.conf',
} as const

const without = {
  firewall: ({ firewall: _, ...site }: Site): Site => site,
  bgp: ({ bgp: _, ...site }: Site): Site => site,
  rpki: ({ bgp, ...site }: Site): Site => {
    if (bgp === undefined) return site
    const { rpki: __, ...rest } = bgp
    return { ...site, bgp: rest }
  },
  router: (site: Site): Site => ({ ...site, networks: site.networks.map(({ router: _, ...one }) => one) }),
}

/** Rows of the plan on a router that has everything, by their fields. */
async function leftOf(change: (site: Site) => Site, text = OURS) {
  const { site, router } = await routerSite(change)
  const file = { kind: 'file', text, mode: 0o644, owner: 'root', group: 'root' } as const
  // What is not read is not there.
  const read = routerWish(site, router).files ?? []
  const there = Object.values(FILES).filter((path) => read.includes(path))
  const seen = seenRouter(router, { files: Object.fromEntries(there.map((path) => [path, file])) })
  const set = routerSets(site, router).after.find(({ name }) => name === 'forwarding')
  return (set?.drift?.(seen) ?? []).filter(({ waits }) => waits === 'operator')
}

describe('parts/router/left', () => {
  for (const [key, change, fields] of [
    ['firewall', without.firewall, ['firewall']],
    ['bgp', without.bgp, ['BIRD', 'GoBGP', 'RPKI validator']],
    ['bgp.rpki', without.rpki, ['RPKI validator']],
    ['networks.*.router', without.router, ['DHCP and DNS']],
    ['nothing', (site: Site) => site, []],
  ] as const)
    it(`says what works on where the site file has lost: ${key}`, async () => {
      const rows = await leftOf(change)
      assert.deepEqual(
        rows.map(({ field }) => field),
        fields,
      )
      for (const { field, have, want, hint } of rows) {
        assert.deepEqual([have, want], ['still there', 'gone'])
        assert.match(hint ?? '', /site file.*on router, as root: .*\brm /)
        assert.ok(hint?.includes(FILES[field as keyof typeof FILES]), hint)
      }
    })

  it('leaves files of others alone', async () => {
    const rows = await leftOf(without.bgp, "# Debian's own\n")
    assert.deepEqual(
      rows.map(({ field }) => field),
      [],
    )
  })

  it('says that nothing filters without the firewall', async () => {
    const [row] = await leftOf(without.firewall)
    assert.match(row?.hint ?? '', /nft delete table inet orion.*nothing filters/)
  })
})
