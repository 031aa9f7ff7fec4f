// The site and the world of the GoBGP twin's tests: two providers, a peer and a customer, one of them drained, each with its lies.
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { gobgpNeighbors } from '../../src/parts/bgp/gobgp-state.ts'
import type { Bgp, BgpPeer } from '../../src/site/services.ts'
import { testPeer } from '../parts/bgp/bird-site.ts'
import { HOSTILE4, HOSTILE6, OURS, type Sent } from './bgp-routes.ts'
import type { Party } from './bgp-world.ts'
import type { GobgpTwin } from './gobgp-twin.ts'

export const [OWN6, OWN4] = ['2602:f674::/48', '23.128.10.0/24']
export const BLACKHOLE = '2602:f674:0:1000::66/128'
export const UP6 = testPeer({
  address: '2620:fe::1',
  maxPrefixes: 200,
  password: { env: 'UPSTREAM' },
  ttlSecurity: true,
  blackhole: true,
})
export const UP4 = testPeer({ name: 'upstream-4', address: '198.18.7.1' })
export const IX = testPeer({
  name: 'ix',
  asn: 8220,
  address: '2620:fe:1::1',
  relation: 'peer',
  localPreference: 150,
  prepend: 2,
})
export const SHOP = testPeer({
  name: 'shop',
  asn: 65010,
  address: '2620:fe:2::1',
  relation: 'customer',
  localPreference: 200,
  prefixes: ['2a0e:1000::/32', '2602:f674:0:ff00::/56', '2602:f600::/24'],
})
export const CORE = testPeer({ name: 'core', asn: OURS, address: '2602:f674:0:1000::2', relation: 'internal' })
export const PEERS = [UP6, UP4, IX, SHOP, CORE]
export const ALL = { announce: [OWN6, OWN4], blackhole: [BLACKHOLE], peers: PEERS }

/** The site with one peer changed. */
export const having = (name: string, changes: Partial<BgpPeer>): Partial<Bgp> => ({
  ...ALL,
  peers: PEERS.map((peer) => (peer.name === name ? { ...peer, ...changes } : peer)),
})

/** When each neighbor's session came up, by their addresses; undefined: it does not stand. */
export async function sinceOf(twin: GobgpTwin): Promise<Record<string, number | undefined>> {
  return Object.fromEntries((gobgpNeighbors(await twin.look(ALL)) ?? []).map(({ address, since }) => [address, since]))
}

export const stands = async (twin: GobgpTwin) =>
  Object.values(await sinceOf(twin)).filter((since) => since !== undefined).length

/** GoBGP takes and tells in its own time: asks until it is so, and says what it is where it never is. */
export async function becomes<T>(twin: GobgpTwin, read: () => Promise<T>, want: T): Promise<void> {
  let last: T | undefined
  const isSo = async () => {
    last = await read()
    return isDeepStrictEqual(last, want)
  }
  await twin.until('it', isSo).catch((error: unknown) => {
    assert.deepEqual(last, want)
    throw error
  })
}

export async function applied(twin: GobgpTwin, bgp: Partial<Bgp>, drained: readonly string[] = []): Promise<void> {
  const { code, stderr } = await twin.render(bgp, { drained })
  assert.equal(code, 0, stderr)
}

export const sorted = (keys: Iterable<string>) => [...keys].sort()
export const good = (rows: readonly Sent[]) => rows.filter(({ becomes }) => becomes === 'taken')

export const route = (prefix: string, path: readonly number[], becomes: Sent['becomes'] = 'taken'): Sent => ({
  prefix,
  path,
  becomes,
})
export const PARTIES: readonly Party[] = [
  { peer: UP6, routes: HOSTILE6 },
  { peer: UP4, routes: HOSTILE4 },
  { peer: IX, routes: [route('2a01:1000::/32', [8220])] },
  {
    peer: SHOP,
    routes: [
      route('2a0e:1000::/32', [65010]),
      route('2a0e:1000:1::/48', [65010]),
      // Its part of ours, and what it lists around ours: that makes nothing of ours its own.
      route('2602:f674:0:ff00::/64', [65010]),
      route('2602:f675::/48', [65010]),
      route('2602:f674::/48', [65010], 'own-prefix'),
      route('2602:f674:0:1000::/64', [65010], 'own-prefix'),
      route('2a0f::/32', [65010], 'not-listed'),
      route('2a0e:1000:2::/48', [65010, 65011], 'bogon-as'),
    ],
  },
  { peer: CORE, routes: [] },
]

/** A route of ours as a peer has it. */
export const own = (path: readonly number[], communities = '') => ({ path, communities, large: '', preference: 100 })

/** What the customer has that others are told. */
export const OF_SHOP = ['2602:f675::/48', '2a0e:1000:1::/48', '2a0e:1000::/32']

/** The prefixes that a peer has of us. */
export const told = (twin: GobgpTwin, peer: BgpPeer) => async () => sorted((await twin.receivedBy(peer.name)).keys())

/** Starts everything, with upstream-4 drained. */
export async function start(twin: GobgpTwin): Promise<void> {
  await twin.play(PARTIES)
  await applied(twin, ALL, [UP4.name])
  await becomes(twin, () => stands(twin), PEERS.length + 1)
}
