// Packages of a router follow from what the site file asks of it.
import assert from 'node:assert/strict'
import { getRouterPackages } from '../../../src/parts/router/package-list.ts'
import type { Site } from '../../../src/site/site.ts'
import { routerSite } from './router-sites.ts'

const rows: readonly { readonly title: string; readonly change: (site: Site) => Site; readonly packages: string }[] = [
  {
    title: 'names only',
    change: ({ bgp: _, firewall: __, ...site }) => site,
    packages: 'unattended-upgrades dnsmasq',
  },
  {
    title: 'a firewall',
    change: ({ bgp: _, ...site }) => site,
    packages: 'unattended-upgrades nftables dnsmasq',
  },
  {
    title: 'BGP with all that belongs to it',
    change: (site) => ({
      ...site,
      ...(site.bgp && {
        bgp: {
          ...site.bgp,
          daemon: 'gobgp',
          rpki: { local: true, caches: [] },
          peers: site.bgp.peers.map((peer) => ({ ...peer, asSet: 'AS-X' })),
        },
      }),
    }),
    packages: 'unattended-upgrades nftables dnsmasq bird2|bird3 gobgpd bgpq4 rpki-client stayrtr',
  },
  {
    title: 'BGP, and routes that nobody validates',
    change: (site) => {
      if (site.bgp === undefined) return site
      const { rpki: _, ...bgp } = site.bgp
      return { ...site, bgp }
    },
    packages: 'unattended-upgrades nftables dnsmasq bird2|bird3',
  },
]

describe('parts/router/package-list', () => {
  for (const { title, change, packages } of rows)
    it(`for ${title}: ${packages}`, async () => {
      const { site, router } = await routerSite(change)
      assert.equal(getRouterPackages(site, router).join(' '), packages)
    })
})
