// The page of `orion bgp show PEER`: golden text, 80 columns.
import assert from 'node:assert/strict'
import { type DetailedPeer, renderSession } from '../../src/console/bgp-session-view.ts'
import { page, plain } from './plain.ts'

const PEER: DetailedPeer = {
  name: 'upstream',
  asn: 64500,
  address: 'fd00:b9::b:1',
  relation: 'provider',
  state: 'Established',
  since: '2026-01-31 14:03:21',
  sinceSeconds: 99,
  routes: { received: 15, filtered: 12, accepted: 3, exported: 1 },
  draining: false,
  limits: [
    { kind: 'receive', limit: 200, hit: false, action: 'disable' },
    { kind: 'import', limit: 100, hit: true, action: 'block' },
  ],
  notAnnounced: [],
  details: {
    localAddress: 'fd00:b9::a:1',
    routerId: '192.0.2.20',
    holdTimer: '67.4/90',
    bfd: 'Up',
    capabilities: { local: ['Route refresh', 'Role: customer'], neighbor: ['Route refresh', 'Role: provider'] },
    refused: [
      {
        text: 'its origin contradicts the ROAs (RPKI invalid)',
        routes: 11,
        networks: ['2001:678:1::/48', '2001:678:2::/48'],
      },
      { text: 'it lies in a prefix of our own', routes: 1, networks: ['2001:678:4955::/48'] },
    ],
  },
}

describe('console/bgp-session-view', () => {
  it('everything of one session, and why its routes were refused', () => {
    const golden = page(`
      upstream  Established  since 2026-01-31 14:03:21
        peer           AS 64500, fd00:b9::b:1, provider
        router         router, BIRD 3.1.7
        routes         15 received, 12 filtered, 3 accepted, 1 exported
        limits         receive 200 (disable); import 100 (block), reached
        our address    fd00:b9::a:1
        its router ID  192.0.2.20
        hold timer     67.4/90 s
        bfd            Up
        we can         Route refresh, Role: customer
        it can         Route refresh, Role: provider

      12 routes refused, because
        11  its origin contradicts the ROAs (RPKI invalid) (2001:678:1::/48,
            2001:678:2::/48, …)
         1  it lies in a prefix of our own (2001:678:4955::/48)

      ! upstream: the import limit of 100 routes is reached, and no more is taken
    `)
    assert.equal(renderSession({ router: 'router', version: '3.1.7' }, PEER, plain), golden)
  })

  it('a session that is down, without what it does not have', () => {
    const { routes: _, details: __, ...rest } = PEER
    const text = renderSession(
      { router: 'router' },
      { ...rest, state: 'Active', error: 'Socket: Connection refused', limits: [] },
      plain,
    )
    const golden = page(`
      upstream  Active  since 2026-01-31 14:03:21
        peer    AS 64500, fd00:b9::b:1, provider
        router  router

      ✖ upstream: Socket: Connection refused
    `)
    assert.equal(text, golden)
  })
})
