// Every announced prefix is announced once, and something of the site is in it.
import assert from 'node:assert/strict'
import { prefixes } from '../../../src/site/rules/prefix.ts'
import { bgp, network, site, told, vm } from '../site-builder.ts'

const announcing = (...announce: string[]) =>
  site({
    networks: [network('lan', { ipv6: '2602:f674:0:1::/64' }), network('dmz', { ipv4: '203.0.113.0/26' })],
    bgp: bgp([], { announce }),
  })

describe('prefix', () => {
  const rows: [string, readonly string[], string[]][] = [
    ['one of each family', ['2602:f674::/48', '203.0.113.0/24'], []],
    ['the network itself', ['203.0.113.0/26'], []],
    ['twice', ['2602:f674::/48', '2602:f674::/48'], ['error bgp.announce.1: 2602:f674::/48 stands here twice']],
    [
      'one within another',
      ['203.0.113.0/25', '203.0.113.0/24'],
      ['error bgp.announce.1: 203.0.113.0/24 overlaps 203.0.113.0/25: announce the wider one alone'],
    ],
    [
      'one that is not held',
      ['2602:f674::/48', '2602:f647::/48'],
      ['error bgp.announce.1: 2602:f647::/48 is not ours: no network and no address of the site is in it'],
    ],
    [
      'one that holds half a network',
      ['203.0.113.0/27'],
      ['warning bgp.announce.0: no network of the site is in 203.0.113.0/27: is it ours?'],
    ],
    ['what is no prefix is passed over', ['x'], []],
  ]
  for (const [title, announce, want] of rows)
    it(title, () => assert.deepEqual(told(prefixes(announcing(...announce))), want))
  it('takes one that only an address of a guest is in', () => {
    const guests = [vm('router', 200, { lan: '203.0.113.129/32' })]
    const announced = { ...announcing('203.0.113.128/25'), guests }
    assert.deepEqual(told(prefixes(announced)), [])
  })
  it('is silent without BGP', () => assert.deepEqual(prefixes(site()), []))
})
