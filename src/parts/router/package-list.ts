// Which Debian packages a router needs for what the site file says of it. The names are the same in Debian 12 and 13.
import type { Site } from '../../site/site.ts'
import type { Router } from './router.ts'

/**
 * Names for `packages`; `bird2|bird3` is one of the two, whichever is there (Debian 13 has both, and they exclude each other).
 * BIRD is needed under GoBGP, too: GoBGP writes no routes into the kernel.
 */
export function getRouterPackages(site: Site, { guest, serves }: Router): readonly string[] {
  const { firewall } = site
  const bgp = site.bgp?.router === guest.name ? site.bgp : undefined
  return [
    'unattended-upgrades',
    ...(firewall?.router === guest.name ? ['nftables'] : []),
    ...(serves.length > 0 ? ['dnsmasq'] : []),
    ...(bgp === undefined ? [] : ['bird2|bird3']),
    ...(bgp?.daemon === 'gobgp' ? ['gobgpd'] : []),
    ...(bgp?.peers.some(({ asSet }) => asSet !== undefined) ? ['bgpq4'] : []),
    // The trust anchors come with rpki-client.
    ...(bgp?.rpki?.local ? ['rpki-client', 'stayrtr'] : []),
  ]
}
