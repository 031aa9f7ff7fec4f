// What gobgp of two versions printed on a router with a good session, a drained one, and three that are not as agreed: recorded
// once of the twin (test/real/gobgp-twin.ts).
import { readFileSync } from 'node:fs'
import type { Bgp } from '../../../src/site/services.ts'
import { testPeer } from './bird-site.ts'

export const GOBGP_VERSIONS = ['3.10.0', '3.36.0'] as const

/** By the names of facts. */
export const gobgpSaid = (version: (typeof GOBGP_VERSIONS)[number]): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(new URL(`../../fixtures/gobgp/${version}.json`, import.meta.url), 'utf8'))

/** The site that it was recorded of. */
export const RECORDED_BGP: Partial<Bgp> = {
  daemon: 'gobgp',
  announce: ['2602:f674::/48', '23.128.10.0/24'],
  blackhole: ['2602:f674:0:1000::66/128'],
  peers: [
    testPeer({ maxPrefixes: 200, password: { env: 'UPSTREAM' }, ttlSecurity: true, blackhole: true }),
    testPeer({ name: 'upstream-4', address: '198.18.7.1' }),
    testPeer({ name: 'ix', asn: 8220, address: '2620:fe:1::1', relation: 'peer', localPreference: 150, prepend: 2 }),
    testPeer({ name: 'shop', asn: 65010, address: '2620:fe:2::1', relation: 'customer', maxPrefixes: 1 }),
    testPeer({ name: 'silent', address: '2620:fe::9' }),
  ],
}
