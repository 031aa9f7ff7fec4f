// BGP speakers have an id, fitting AS numbers and addresses of their own, and are who their name says.
import assert from 'node:assert/strict'
import { bgp as rule, specialAsn } from '../../../src/site/rules/bgp.ts'
import type { Bgp } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { bgp, peer, site, told } from '../site-builder.ts'

const speaking = (peers: Bgp['peers'], parts: Partial<Bgp> = {}): Partial<Site> => ({ bgp: bgp(peers, parts) })
const one = (parts: Parameters<typeof peer>[1], name = 'up') => speaking([peer(name, parts)])

describe('bgp', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent for a provider', one({}), []],
    [
      'an address twice',
      speaking([peer('a'), peer('b')]),
      ['error bgp.peers.b.address: 10.0.0.9 is taken by bgp.peers.a'],
    ],
    [
      'an id that is none',
      speaking([], { routerId: '0.0.0.0' }),
      ['error bgp.routerId: 0.0.0.0 is no id: take an IPv4 address of ours'],
    ],
    [
      'a private AS toward a provider',
      one({ asn: 64512 }),
      ['error bgp.peers.up.asn: AS64512 is private, and up is a provider'],
    ],
    [
      'a reserved AS toward a provider',
      one({ asn: 64496 }),
      ['error bgp.peers.up.asn: AS64496 is reserved, and up is a provider'],
    ],
    [
      'a reserved AS for a customer: its routes would all be refused',
      one({ asn: 64500, relation: 'customer' }),
      ['error bgp.peers.up.asn: AS64500 is reserved, and routes with it in their path are refused'],
    ],
    ['a private AS for a customer', one({ asn: 4_200_000_000, relation: 'customer' }), []],
    [
      'an AS of nobody',
      one({ asn: 65535, relation: 'customer' }),
      ['error bgp.peers.up.asn: AS65535 is reserved: no router may have it'],
    ],
    [
      'our own private AS toward a provider',
      speaking([peer('up')], { asn: 65000 }),
      ['error bgp.asn: AS65000 is private, and bgp.peers.up is a provider'],
    ],
    [
      'our own AS of nobody',
      speaking([], { asn: 23456 }),
      ['error bgp.asn: AS23456 is reserved: no router may have it'],
    ],
    ['internal: the same AS', one({ asn: 394955, relation: 'internal' }), []],
    [
      'internal: another AS',
      one({ asn: 6939, relation: 'internal' }),
      ['error bgp.peers.up.asn: AS6939 is not our own AS394955, and up is internal'],
    ],
    [
      'external: our own AS',
      one({ asn: 394955 }),
      ['error bgp.peers.up.asn: AS394955 is our own: the relation of up is internal'],
    ],
    [
      'a peer named after somebody else',
      one({}, 'telus'),
      ['warning bgp.peers.telus.asn: AS6939 is Hurricane Electric, not Telus'],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(rule(site(parts))), want))
})

describe('specialAsn', () => {
  const rows: [number, ReturnType<typeof specialAsn>][] = [
    [0, 'reserved'],
    [1, undefined],
    [23456, 'reserved'],
    [64495, undefined],
    [64496, 'reserved'],
    [64511, 'reserved'],
    [64512, 'private'],
    [65534, 'private'],
    [65535, 'reserved'],
    [65551, 'reserved'],
    [131071, 'reserved'],
    [131072, undefined],
    [394955, undefined],
    [4_199_999_999, undefined],
    [4_200_000_000, 'private'],
    [4_294_967_294, 'private'],
    [4_294_967_295, 'reserved'],
  ]
  for (const [asn, want] of rows) it(`AS${asn}: ${want ?? 'public'}`, () => assert.equal(specialAsn(asn), want))
})
