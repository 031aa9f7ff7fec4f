// What routes is a virtual machine, somebody filters, and what is given out can be used.
import assert from 'node:assert/strict'
import { routers } from '../../../src/site/rules/router.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, ct, network, peer, site, told, vm } from '../site-builder.ts'

const routed = network('lan', { router: 'router' })
const filter = { router: 'router', allow: [], masquerade: [] }
const provider = bgp([peer('up')])
const open = {
  networks: [routed],
  guests: [vm('router', 200, { lan: '10.0.0.1/24' })],
  bgp: provider,
}
const unfiltered =
  'warning bgp.router: guests.router leads from bgp.peers.up into network lan, and nothing filters: add firewall'

describe('router', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['a virtual machine with a firewall', { ...open, firewall: filter }, []],
    [
      'a container',
      { ...open, guests: [ct('router', 200)], firewall: filter },
      [
        'error networks.lan.router: guests.router is a container: a router is a virtual machine (kind: vm)',
        'error firewall.router: guests.router is a container: a router is a virtual machine (kind: vm)',
        'error bgp.router: guests.router is a container: a router is a virtual machine (kind: vm)',
      ],
    ],
    ['nothing filters', open, [unfiltered]],
    ['… toward a peer, too', { ...open, bgp: bgp([peer('up', { relation: 'peer' })]) }, [unfiltered]],
    ['another guest filters', { ...open, firewall: { ...filter, router: 'other' } }, [unfiltered]],
    ['nobody outside', { ...open, bgp: bgp([peer('core', { relation: 'internal' })]) }, []],
    ['nothing behind it', { ...open, networks: [network('lan')] }, []],
    [
      'a network that is no /64',
      { networks: [network('lan', { router: 'router', ipv6: '2602:f674::/112' })] },
      ['warning networks.lan.ipv6: 2602:f674::/112 is no /64: guests give themselves addresses (SLAAC) in a /64 only'],
    ],
    ['… is fine where nothing advertises it', { networks: [network('lan', { ipv6: '2602:f674::/112' })] }, []],
    [
      'a range that nobody gives out',
      { networks: [network('lan', { dhcp: { first: '10.0.0.8', last: '10.0.0.9' } })] },
      ['warning networks.lan.dhcp: nobody gives these out: name the router of network lan'],
    ],
    [
      '… but the gateway may',
      { networks: [network('lan', { gateway: '10.0.0.1', dhcp: { first: '10.0.0.8', last: '10.0.0.9' } })] },
      [],
    ],
  ]
  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(routers(site(parts))), want))
})
