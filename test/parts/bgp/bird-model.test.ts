// The values behind bird.conf: limits, families, the source address, and what stands for an old or unknown BIRD.
import assert from 'node:assert/strict'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { birdVersion, has } from '../../../src/parts/bgp/bird-version.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import type { Bgp } from '../../../src/site/services.ts'
import { bgpOf, bgpSite, routerIn, testPeer, withBird } from './bird-site.ts'

function model(bgp: Partial<Bgp>) {
  const site = bgpSite(bgp)
  const found = getBirdModel(site, routerIn(site), NOTHING)
  assert.ok(found)
  return found
}

describe('parts/bgp: the values of bird.conf', () => {
  const CUSTOMER = testPeer({ name: 'c', asn: 3, address: '2620:fe::3', relation: 'customer', maxPrefixes: 5 })
  const LIMITS: readonly [string, Partial<Bgp>, object][] = [
    ['a stub tells its one prefix', {}, { import: 500_000, receive: 600_010, export: 1 }],
    ['as the site file says', { peers: [testPeer({ maxPrefixes: 20 })] }, { import: 20, receive: 34, export: 1 }],
    [
      'no number is beyond those of BIRD',
      {
        peers: [
          testPeer({ maxPrefixes: 4294967295 }),
          testPeer({ name: 'a', relation: 'customer', address: '2620:fe::3', maxPrefixes: 4294967295 }),
        ],
      },
      { import: 4294967295, receive: 4294967295, export: 4294967295 },
    ],
    [
      'what is given up, where the peer offers it',
      { blackhole: ['2602:f674::1/128'], peers: [testPeer({ maxPrefixes: 1, blackhole: true })] },
      { import: 1, receive: 12, export: 2 },
    ],
    [
      'nothing given up to others',
      { blackhole: ['2602:f674::1/128'], peers: [testPeer({ maxPrefixes: 1 })] },
      { import: 1, receive: 12, export: 1 },
    ],
    [
      'and what customers may have',
      { peers: [testPeer({ maxPrefixes: 1 }), CUSTOMER] },
      { import: 1, receive: 12, export: 6 },
    ],
    [
      'of the family of the session',
      { peers: [testPeer({ address: '198.18.7.1', maxPrefixes: 1 }), CUSTOMER] },
      { import: 1, receive: 12, export: 1 },
    ],
  ]
  for (const [what, bgp, limits] of LIMITS)
    it(`limits: ${what}`, () => assert.deepEqual(model(bgp).peers[0]?.limits, limits))
  it('a customer and our own routers get all there is', () => {
    const peers = [CUSTOMER, testPeer({ asn: 394955, relation: 'internal' })]
    assert.deepEqual(
      model({ peers }).peers.map(({ limits }) => limits.export),
      [undefined, undefined],
    )
  })

  it('only families that are announced or spoken', () => {
    assert.deepEqual(model({}).families, [
      {
        family: 6,
        announce: ['2602:f674::/48'],
        blackhole: [],
        linked: ['2620:fe::/64'],
        source: '2602:f674:0:1000::1',
      },
    ])
  })
  it('an announced prefix without an address of the router has no source', () => {
    assert.equal(model({ announce: ['2607:f8b0::/32'] }).families[0]?.source, undefined)
  })
  it('the daemon of the site file speaks to the world, where nothing else is asked for', () => {
    assert.deepEqual([model({}).edge, model({ daemon: 'gobgp' }).edge], ['bird', 'gobgp'])
  })
  it('another router speaks no BGP', () => {
    const site = bgpSite()
    assert.equal(
      getBirdModel({ ...site, bgp: { ...bgpOf(site), router: 'other' } }, routerIn(site), NOTHING),
      undefined,
    )
  })
})

describe('parts/bgp: the version of BIRD', () => {
  const release = (codename: string) => ({
    files: new Map(),
    commands: new Map([['os-release', { code: 0, stdout: `VERSION_CODENAME=${codename}\n`, stderr: '' }]]),
  })
  const ROWS = [
    ['as it says', withBird('2.0.12'), '2.0.12 false false false'],
    ['newer', withBird('2.17.5'), '2.17.5 false true true'],
    ['without a third number', withBird('2.15'), '2.15 false true false'],
    ['another main version', withBird('3.1.7'), '3.1.7 false true true'],
    ['with a word behind', withBird('2.17.1+deb13'), '2.17.1 false true true'],
    ['of a release that has not installed it yet', release('trixie'), '2.17.5 true true true'],
    ['of the release before', release('bookworm'), '2.0.12 true false false'],
    ['of an unknown release', release('sid'), 'unknown'],
    ['of what was not read', NOTHING, 'unknown'],
    ['of what is no answer', withBird('x'), 'unknown'],
  ] as const
  for (const [what, seen, expected] of ROWS)
    it(what, () => {
      const version = birdVersion(seen)
      const told = version && [
        version.text,
        version.predicted,
        has(version, 'sendHold'),
        has(version, 'authentication'),
      ]
      assert.equal(told?.join(' ') ?? 'unknown', expected)
    })
  it('of an unknown one nothing newer is taken for granted', () => assert.equal(has(undefined, 'orion'), false))
})
