// A session carries the family of its address: there is something of that family to carry.
import assert from 'node:assert/strict'
import { bgpFamilies } from '../../../src/site/rules/bgp-family.ts'
import type { BgpPeer } from '../../../src/site/services.ts'
import { bgp, peer, site, told } from '../site-builder.ts'

const V6 = ['2602:f674::/48']
const V4 = ['198.51.100.0/24']
const OVER4 = '10.99.0.2'
const OVER6 = '2602:f674:0:9::2'
const idle = (name: string, family: number) =>
  `warning bgp.peers.${name}.address: a session over IPv${family} carries IPv${family} alone, and nothing of it is announced: add one with an IPv${family === 4 ? 6 : 4} address of ${name}`

describe('bgp-family', () => {
  const rows: [string, string[], Record<string, Pick<BgpPeer, 'address' | 'relation'>>, string[]][] = [
    [
      'a router of ours over the other family',
      V6,
      { core: { address: OVER4, relation: 'internal' } },
      [idle('core', 4)],
    ],
    ['… over IPv6', V4, { core: { address: OVER6, relation: 'internal' } }, [idle('core', 6)]],
    ['… over the family that is announced', V6, { core: { address: OVER6, relation: 'internal' } }, []],
    ['… where both are', [...V6, ...V4], { core: { address: OVER4, relation: 'internal' } }, []],
    ['a provider that is told nothing', V6, { up: { address: '198.18.7.1', relation: 'provider' } }, [idle('up', 4)]],
    ['nothing is announced at all', [], { up: { address: '198.18.7.1', relation: 'provider' } }, []],
    [
      'what a provider tells is told to a router of ours',
      V6,
      { up: { address: '198.18.7.1', relation: 'provider' }, core: { address: OVER4, relation: 'internal' } },
      [],
    ],
    [
      'what a customer tells is told to a provider',
      V6,
      { up: { address: '198.18.7.1', relation: 'provider' }, shop: { address: '198.18.7.9', relation: 'customer' } },
      [],
    ],
    [
      'providers are told nothing of each other, and neither are our own',
      V6,
      { up: { address: '198.18.7.1', relation: 'provider' }, ix: { address: '198.18.7.9', relation: 'peer' } },
      [idle('up', 4), idle('ix', 4)],
    ],
    [
      '… nor our own routers',
      V6,
      { a: { address: OVER4, relation: 'internal' }, b: { address: '10.99.0.3', relation: 'internal' } },
      [idle('a', 4), idle('b', 4)],
    ],
    [
      'a session of the other family does not help',
      V6,
      { up: { address: '2620:fe::1', relation: 'provider' }, core: { address: OVER4, relation: 'internal' } },
      [idle('core', 4)],
    ],
  ]
  for (const [title, announce, peers, want] of rows)
    it(title, () => {
      const list = Object.entries(peers).map(([name, parts]) => peer(name, parts))
      assert.deepEqual(told(bgpFamilies(site({ bgp: bgp(list, { announce }) }))), want)
    })
  it('no BGP, nothing to say', () => assert.deepEqual(bgpFamilies(site({})), []))
})
