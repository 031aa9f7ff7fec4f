// A router that masquerades has a gateway outside, or BGP brings one.
import assert from 'node:assert/strict'
import { wayOut } from '../../../src/site/rules/way-out.ts'
import type { NicAddress, Site } from '../../../src/site/site.ts'
import { bgp, network, peer, site, told, vm } from '../site-builder.ts'

const masquerading = (ipv4: NicAddress, parts: Partial<Site> = {}): Partial<Site> => ({
  networks: [network('wan', { bridge: 'vmbr0' }), network('lan')],
  guests: [vm('router', 200, { wan: { ipv4 }, lan: '10.0.0.1/24' })],
  firewall: { router: 'router', allow: [], masquerade: ['wan'] },
  ...parts,
})
const own = { cidr: '198.18.9.1/24' }
const speaking = (address: string, relation: 'provider' | 'internal' = 'provider') => ({
  bgp: bgp([peer('up', { address, relation })]),
})
const none =
  'error guests.router.nics.wan: guests.router masquerades behind wan, and no gateway leads out of it: name networks.wan.gateway'

describe('way-out', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['a gateway outside', masquerading({ ...own, gateway: '198.18.9.254' }), []],
    ['DHCP brings one', masquerading('dhcp'), []],
    ['no way out', masquerading(own), [none]],
    ['… as that of a peer of IPv6 is none for IPv4', masquerading(own, speaking('2602:f674::1')), [none]],
    ['… nor that of another router of ours', masquerading(own, speaking('198.18.9.254', 'internal')), [none]],
    [
      'BGP alone brings one',
      masquerading(own, speaking('198.18.9.254')),
      ['warning bgp.router: guests.router has no gateway: until BGP brings a way out it cannot fetch its packages'],
    ],
    ['nothing is masqueraded', masquerading(own, { firewall: { router: 'router', allow: [], masquerade: [] } }), []],
    ['no router', {}, []],
  ]
  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(wayOut(site(parts))), want))
})
