// Sites with a border router for tests: rows say only what they change.
import { type Router, routersOf } from '../../../src/parts/router/router.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Bgp, BgpPeer } from '../../../src/site/services.ts'
import type { Network, Site } from '../../../src/site/site.ts'
import { nic, testGuest, testSite } from '../../resources/test-site.ts'

export function testPeer(changes: Partial<BgpPeer> = {}): BgpPeer {
  return {
    name: 'upstream',
    asn: 6939,
    address: '2620:fe::1',
    relation: 'provider',
    routeServer: false,
    authentication: 'md5',
    ttlSecurity: false,
    bfd: false,
    requireRole: false,
    blackhole: false,
    defaultRoute: false,
    localPreference: 100,
    prepend: 0,
    prefixes: [],
    ...changes,
  }
}

export function testBgp(changes: Partial<Bgp> = {}): Bgp {
  return {
    router: 'router',
    daemon: 'bird',
    asn: 394955,
    routerId: '192.168.100.1',
    announce: ['2602:f674::/48'],
    blackhole: [],
    rpki: { local: true, caches: [] },
    irr: { server: 'rr.example.net', sources: ['RPKI', 'RIPE'] },
    peers: [testPeer()],
    ...changes,
  }
}

const NETWORK = { vlanAware: false, isolated: false, dns: [] }
const NETWORKS: readonly Network[] = [
  { ...NETWORK, name: 'wan', bridge: 'vmbr0', ipv6: '2620:fe::/64', ipv4: '198.18.7.0/24' },
  {
    ...NETWORK,
    name: 'lan',
    bridge: 'vmbr1',
    ipv4: '192.168.100.0/24',
    ipv6: '2602:f674:0:1000::/64',
    router: 'router',
  },
]

export function bgpSite(bgp: Partial<Bgp> = {}, changes: Partial<Site> = {}): Site {
  const router = testGuest({
    name: 'router',
    vmid: 200,
    nics: [
      nic({ index: 0, network: 'wan', mac: 'AA:00:00:00:00:01', ipv4: 'dhcp', ipv6: { cidr: '2620:fe::2/64' } }),
      nic({
        index: 1,
        network: 'lan',
        mac: 'AA:00:00:00:00:02',
        ipv4: { cidr: '192.168.100.1/24' },
        ipv6: { cidr: '2602:f674:0:1000::1/64' },
      }),
    ],
  })
  return testSite({ networks: NETWORKS, guests: [router], bgp: testBgp(bgp), ...changes })
}

export function bgpOf(site: Site): Bgp {
  if (site.bgp === undefined) throw new Error('the test site has no BGP')
  return site.bgp
}

export function routerIn(site: Site): Router {
  const [router] = routersOf(site)
  if (router === undefined) throw new Error('the test site has no router')
  return router
}

/** A router where BIRD of this version answers. */
export function withBird(version: string): HostFacts {
  const said = { code: 0, stdout: `BIRD version ${version}\n`, stderr: '' }
  return { files: new Map(), commands: new Map([['bird-version', said]]) }
}

/** Everything at once: both families, every relation, every option. */
export const FULL: Partial<Bgp> = {
  announce: ['2602:f674::/48', '23.128.10.0/24'],
  blackhole: ['2602:f674:0:1000::66/128', '23.128.10.66/32'],
  rpki: {
    local: true,
    caches: [
      { address: '2a01:4f8::323', port: 323 },
      { address: 'rtr.example.net', port: 8282 },
    ],
  },
  peers: [
    testPeer({
      maxPrefixes: 300000,
      password: { env: 'UPSTREAM' },
      ttlSecurity: true,
      bfd: true,
      requireRole: true,
      blackhole: true,
      defaultRoute: true,
      localAddress: '2620:fe::2',
      prepend: 2,
    }),
    testPeer({ name: 'filter', asn: 174, address: '198.18.7.1' }),
    testPeer({ name: 'far-away', asn: 3356, address: '2001:470::1', multihop: 3, localPreference: 90 }),
    testPeer({
      name: '1-ix',
      asn: 13335,
      address: '198.18.7.9',
      relation: 'peer',
      localPreference: 150,
      asSet: 'AS-EXAMPLE',
    }),
    testPeer({
      name: 'shop',
      asn: 65010,
      address: '2620:fe::9',
      relation: 'customer',
      localPreference: 200,
      prefixes: ['2602:f674:0:ff00::/56', '2602:f600::/24', '2607:f8b0::/32'],
      maxPrefixes: 10,
    }),
    testPeer({ name: 's', asn: 394955, address: '10.99.0.2', relation: 'internal', password: { env: 'MESH' } }),
  ],
}
