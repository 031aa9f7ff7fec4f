// The files that orion renders on real BIRDs, against a world that lies: what is believed, what is told, and what the errors say.
import assert from 'node:assert/strict'
import { reasonOf } from '../../src/parts/bgp/reasons.ts'
import { notExported } from '../../src/parts/bgp/sessions.ts'
import type { BgpPeer } from '../../src/site/services.ts'
import { BIRD_VERSIONS, withDaemons } from '../daemons/daemons.ts'
import { testBgp, testPeer } from '../parts/bgp/bird-site.ts'
import { established, failing, look, sessions } from './bgp-look.ts'
import { DRAINED6, GOOD6, HOSTILE4, HOSTILE6, OURS, ROAS, type Sent, UPSTREAM, VALID6 } from './bgp-routes.ts'
import { makeTwin, type Twin } from './bgp-twin.ts'
import type { Party, Table } from './bgp-world.ts'

const OWN6 = '2602:f674::/48'
const OWN4 = '23.128.10.0/24'

/** Everything that needs the other end's agreement is on. */
const UP6 = testPeer({
  address: '2620:fe::1',
  maxPrefixes: 200,
  password: { env: 'UPSTREAM' },
  ttlSecurity: true,
  bfd: true,
  requireRole: true,
})
const UP4 = testPeer({ name: 'upstream-4', address: '198.18.7.1' })
const IX = testPeer({ name: 'ix', asn: 8220, address: '2620:fe:1::1', relation: 'peer', localPreference: 150 })
const SHOP = testPeer({
  name: 'shop',
  asn: 5511,
  address: '2620:fe:2::1',
  relation: 'customer',
  localPreference: 200,
  // A part of ours that is his, and space of his that ours happens to lie in.
  prefixes: ['2a0e:1000::/32', '2602:f674:0:ff00::/56', '2602:f600::/24'],
})
/** A route server with its role (RFC 9234), without its number in the paths. */
const SERVER = testPeer({
  name: 'route-server',
  asn: 24482,
  address: '2620:fe:3::1',
  relation: 'peer',
  routeServer: true,
  requireRole: true,
  localPreference: 150,
})
const CORE = testPeer({ name: 'core', asn: OURS, address: '2602:f674:0:1000::2', relation: 'internal' })

const STUB = { announce: [OWN6, OWN4], peers: [UP6, UP4] }
const ALL = { announce: [OWN6, OWN4], peers: [UP6, UP4, IX, SERVER, SHOP, CORE] }

const route = (prefix: string, path: readonly number[], more: Partial<Sent> = {}): Sent => ({
  prefix,
  path,
  becomes: 'taken',
  ...more,
})
const OF_IX = [route('2a01:1000::/32', [8220]), route('2a0e:1000::/32', [8220, 5511])]
const OF_SERVER = [
  route('2a01:2000::/32', [3333, 8220], { nextHop: '2620:fe:3::77' }),
  route('2a01:2001::/32', [8220], { nextHop: '2620:fe:3::78' }),
  route('2602:f674::/48', [8220], { nextHop: '2620:fe:3::78', becomes: 'own-prefix' }),
  route('2a01:2002::/32', [8220, 64512], { becomes: 'bogon-as' }),
]
const OF_SHOP = [
  route('2a0e:1000::/32', [5511]),
  route('2a0e:1000:1::/48', [5511]),
  route('2a0f::/32', [5511], { becomes: 'not-listed' }),
  route('2602:f674:0:ff00::/56', [5511]),
  route(OWN6, [5511], { becomes: 'own-prefix' }),
  route('2602:f674:0:1000::/64', [5511], { becomes: 'own-prefix' }),
  route('2602:f674:0:1000::5/128', [5511], { becomes: 'own-prefix', communities: ['(65535, 666)'] }),
  route('2a0e:1000::66/128', [5511], { communities: ['(65535, 666)'] }),
]
const OF_CORE = [route('2a0b:2000::/32', [])]

const HONEST: readonly Party[] = [
  { peer: UP6, routes: HOSTILE6 },
  { peer: UP4, routes: HOSTILE4 },
]
const EVERYBODY: readonly Party[] = [
  ...HONEST,
  { peer: IX, routes: OF_IX },
  { peer: SERVER, routes: OF_SERVER },
  { peer: SHOP, routes: OF_SHOP },
  { peer: CORE, routes: OF_CORE },
]

const triples = (text: string) =>
  [...text.matchAll(/\((\d+), ?(\d+), ?(\d+)\)/g)].map(([, a, b, c]) => [Number(a), Number(b), Number(c)] as const)

/** Prefix → what became of it. */
async function became(twin: Twin, { peer, routes }: Party): Promise<Record<string, string>> {
  const [taken, refused] = [await twin.taken(peer.name), await twin.refused(peer.name)]
  const rows = [...taken.keys(), ...refused.keys()].map((prefix) => {
    const mark = reasonOf(OURS, triples(refused.get(prefix)?.large ?? ''))?.name
    return [prefix, taken.has(prefix) ? 'taken' : (mark ?? 'refused without a reason')] as const
  })
  return Object.fromEntries([...routes.map(({ prefix }) => [prefix, 'gone'] as const), ...rows])
}

const wanted = (routes: readonly Sent[]): Record<string, string> =>
  Object.fromEntries(routes.map(({ prefix, becomes }) => [prefix, becomes]))

/** BIRD takes and sends in its own time: asks until it is so, and says what it is where it never is. */
async function becomes<T>(twin: Twin, read: () => Promise<T>, want: T): Promise<void> {
  let last: T | undefined
  const isSo = async () => {
    last = await read()
    return JSON.stringify(sorted(last)) === JSON.stringify(sorted(want))
  }
  await twin.until('it', isSo).catch((error: unknown) => {
    assert.deepEqual(last, want)
    throw error
  })
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).sort() : value

const paths = (table: Table): Record<string, string> =>
  Object.fromEntries(
    [...table].map(([prefix, { path, communities, large }]) => [
      prefix,
      [path.join(' '), communities, large].filter(Boolean).join(' | '),
    ]),
  )

interface KernelRoute {
  readonly type?: string
  readonly dst: string
  readonly protocol: string
  readonly prefsrc?: string
  readonly gateway?: string
}
async function kernel(twin: Twin, family: '-4' | '-6'): Promise<readonly KernelRoute[]> {
  const rows = JSON.parse(await twin.router.must(['ip', family, '-j', 'route'])) as readonly KernelRoute[]
  return rows.filter(({ protocol }) => protocol === 'bird')
}

for (const version of BIRD_VERSIONS)
  describe(`a border router on BIRD ${version}, against a hostile world`, function () {
    this.timeout(60_000)
    let twin: Twin
    before(async function () {
      await withDaemons(this)
      twin = await makeTwin('bgp', version)
      await twin.render(STUB)
      await twin.play(HONEST)
      await established(twin, STUB.peers)
    })
    after(() => twin?.close())

    for (const party of HONEST)
      it(`${party.peer.name}: takes exactly the good of its ${party.routes.length} routes, and counts each other with its reason`, async () => {
        await becomes(twin, () => became(twin, party), wanted(party.routes))
        for (const [prefix, { large, preference }] of await twin.taken(party.peer.name)) {
          assert.equal(large, `(${OURS}, 1, 1)`, prefix)
          const row = party.routes.find((one) => one.prefix === prefix)
          assert.equal(preference, row?.preference ?? 100, prefix)
        }
      })

    it('tells an upstream our prefix alone, with our number alone, and nothing of ours', async () => {
      await becomes(twin, async () => paths(await twin.receivedBy('upstream')), { [OWN6]: String(OURS) })
      await becomes(twin, async () => paths(await twin.receivedBy('upstream-4')), { [OWN4]: String(OURS) })
      const seen = await look(twin, testBgp(STUB))
      for (const peer of STUB.peers) assert.deepEqual(notExported(testBgp(STUB), peer, seen), [])
    })

    it('gives the kernel the good routes with our own address as their source, and what is unused of ours to nobody', async () => {
      const good = HOSTILE6.filter((row) => row.becomes === 'taken').map(({ prefix }) => prefix)
      await becomes(twin, async () => (await kernel(twin, '-6')).map(({ dst }) => dst).sort(), [OWN6, ...good].sort())
      for (const { dst, type, prefsrc, gateway } of await kernel(twin, '-6'))
        if (dst === OWN6) assert.equal(type, 'unreachable')
        else assert.deepEqual({ prefsrc, gateway }, { prefsrc: '2602:f674:0:1000::1', gateway: '2620:fe::1' }, dst)
      const aggregate = (await kernel(twin, '-4')).find(({ dst }) => dst === OWN4)
      assert.equal(aggregate?.type, 'unreachable')
    })

    it('a route that became invalid is withdrawn, without a word of the peer', async () => {
      twin.validate([...ROAS.filter(({ prefix }) => prefix !== VALID6), { prefix: VALID6, maxLength: 32, asn: 8220 }])
      const changed = HOSTILE6.map((row) =>
        row.prefix === VALID6 ? { ...row, becomes: 'rpki-invalid' as const } : row,
      )
      await becomes(twin, () => became(twin, { peer: UP6, routes: changed }), wanted(changed))
      await becomes(twin, async () => (await kernel(twin, '-6')).some(({ dst }) => dst === VALID6), false)
      twin.validate(ROAS)
      await becomes(twin, () => became(twin, { peer: UP6, routes: HOSTILE6 }), wanted(HOSTILE6))
    })

    it('a drained session asks traffic away, and goes on', async () => {
      const [before] = await sessions(twin, [UP6])
      await twin.render(STUB, ['upstream'])
      await becomes(twin, async () => paths(await twin.receivedBy('upstream')), { [OWN6]: `${OURS} | (65535,0)` })
      await becomes(
        twin,
        async () => [...(await twin.taken('upstream')).values()].every(({ preference }) => preference === 0),
        true,
      )
      await becomes(twin, async () => paths(await twin.receivedBy('upstream-4')), { [OWN4]: String(OURS) })
      await twin.render(STUB)
      await becomes(twin, async () => paths(await twin.receivedBy('upstream')), { [OWN6]: String(OURS) })
      await becomes(twin, async () => (await twin.taken('upstream')).get(GOOD6)?.preference, 100)
      assert.equal((await sessions(twin, [UP6]))[0]?.since, before?.since)
    })

    describe('with a customer, a peer and a router of our own', () => {
      let since: string | undefined
      before(async () => {
        since = (await sessions(twin, [UP6]))[0]?.since
        await twin.render(ALL)
        await twin.play(EVERYBODY)
        await established(twin, ALL.peers)
      })

      it('new sessions leave the others alone', async () => {
        assert.equal((await sessions(twin, [UP6]))[0]?.since, since)
      })

      it('providers and peers get our own and our customers, nothing else', async () => {
        const want = { [OWN6]: `${OURS}`, '2a0e:1000::/32': `${OURS} 5511`, '2a0e:1000:1::/48': `${OURS} 5511` }
        await becomes(twin, async () => paths(await twin.receivedBy('upstream')), want)
        await becomes(twin, async () => paths(await twin.receivedBy('ix')), want)
        await becomes(twin, async () => paths(await twin.receivedBy('route-server')), want)
      })

      it('a route server passes on the routes of others, with their own paths and next hops', async () => {
        await becomes(twin, () => became(twin, { peer: SERVER, routes: OF_SERVER }), wanted(OF_SERVER))
        const via = async () => (await kernel(twin, '-6')).find(({ dst }) => dst === '2a01:2000::/32')?.gateway
        await becomes(twin, via, '2620:fe:3::77')
        assert.deepEqual((await twin.taken('route-server')).get('2a01:2000::/32')?.path, [3333, 8220])
      })

      it('a customer gets everything, and none of our communities', async () => {
        const up = HOSTILE6.filter((row) => row.becomes === 'taken').map(({ prefix }) => prefix)
        const want = [OWN6, '2a01:1000::/32', '2a01:2000::/32', '2a01:2001::/32', ...up].sort()
        await becomes(twin, async () => [...(await twin.receivedBy('shop')).keys()].sort(), want)
        for (const [prefix, { path, large }] of await twin.receivedBy('shop')) {
          assert.equal(path[0], OURS, prefix)
          assert.doesNotMatch(large, new RegExp(String(OURS)), prefix)
        }
      })

      it('only a customer may give up an address of its own, and it is dropped here', async () => {
        await becomes(twin, () => became(twin, { peer: SHOP, routes: OF_SHOP }), wanted(OF_SHOP))
        const dropped = async () => (await kernel(twin, '-6')).find(({ dst }) => dst === '2a0e:1000::66')?.type
        await becomes(twin, dropped, 'blackhole')
      })

      it('a router of our own gets the best of everything, and where it is from', async () => {
        await becomes(twin, async () => (await twin.receivedBy('core')).has('2a01:1000::/32'), true)
        const told = await twin.receivedBy('core')
        assert.equal(told.get(GOOD6)?.large, `(${OURS}, 1, 1)`)
        assert.equal(told.get('2a01:1000::/32')?.large, `(${OURS}, 1, 2)`)
        assert.deepEqual(told.get('2a0e:1000::/32')?.path, [5511])
        assert.equal(told.get(OWN6)?.large, `(${OURS}, 1, 0)`)
        assert.equal(told.get(DRAINED6)?.preference, 0)
        await becomes(twin, async () => (await twin.taken('core')).has('2a0b:2000::/32'), true)
      })

      it('a customer that goes takes no session with it', async () => {
        await twin.render(STUB)
        await becomes(twin, async () => paths(await twin.receivedBy('upstream')), { [OWN6]: String(OURS) })
        assert.deepEqual(
          (await sessions(twin, STUB.peers)).map(({ state }) => state),
          ['Established', 'Established'],
        )
      })
    })

    describe('a peer that is not as agreed', () => {
      const only = (peer: BgpPeer) => ({ announce: [OWN6], peers: [peer] })
      const many = (count: number): readonly Sent[] =>
        Array.from({ length: count }, (_, at) => route(`2a0c:${(at + 1).toString(16)}::/32`, [UPSTREAM, 3333]))
      const limited = { ...UP6, name: 'limited', maxPrefixes: 20 }

      it('more routes than agreed: the surplus is not taken, the session stays', async () => {
        await twin.play([{ peer: limited, routes: many(25) }])
        await twin.render(only(limited))
        await established(twin, [limited])
        await becomes(twin, async () => (await twin.taken('limited')).size, 20)
        const [session] = await established(twin, [limited])
        assert.ok(session?.limits.some(({ kind, hit }) => kind === 'import' && hit))
      })

      it('ten times as many: the session ends, and says so', async () => {
        await twin.play([{ peer: limited, routes: many(200) }])
        const { error = '' } = await failing(twin, limited, /maxPrefixes/)
        assert.match(error, /limit exceeded/)
      })

      const { password, ...open } = UP6
      const cases: readonly [title: string, peer: BgpPeer, says: Partial<Party>, hint: RegExp][] = [
        ['another password', UP6, { password: 'another' }, /password of the peer is another one/],
        ['another AS number', open, { asn: 6940 }, /has another AS number than 6939/],
        ['another role', open, { role: 'customer' }, /relation is provider, so our role is customer/],
        ['no role where one is required', open, { role: 'none' }, /requireRole is on/],
      ]
      for (const [title, wish, says, hint] of cases)
        it(title, async () => {
          // A peer of its own: BIRD is in no hurry to try again where something went wrong before.
          const peer = { ...wish, name: title.replaceAll(' ', '-') }
          await twin.play([{ peer, routes: [], ...says }])
          await twin.render(only(peer))
          await failing(twin, peer, hint)
        })
    })
  })
