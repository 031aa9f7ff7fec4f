// Changes under a running GoBGP: what it reads anew, what each session has of it, and that nobody connects to one without rules.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { gobgpImpact } from '../../src/parts/bgp/gobgp-impact.ts'
import { advertised } from '../../src/parts/bgp/gobgp-state.ts'
import type { Bgp } from '../../src/site/services.ts'
import { withDaemons } from '../daemons/daemons.ts'
import { bgpOf, bgpSite } from '../parts/bgp/bird-site.ts'
import { GOOD6, HOSTILE6, OURS } from './bgp-routes.ts'
import { type GobgpTwin, makeGobgpTwin } from './gobgp-twin.ts'
import {
  ALL,
  applied,
  BLACKHOLE,
  becomes,
  CORE,
  good,
  having,
  IX,
  OF_SHOP,
  OWN4,
  OWN6,
  own,
  PEERS,
  SHOP,
  sinceOf,
  sorted,
  stands,
  start,
  told,
  UP4,
  UP6,
} from './gobgp-world.ts'

for (const version of ['2.0.12', '2.17'] as const)
  describe(`changes of GoBGP at the edge (beside BIRD ${version})`, function () {
    this.timeout(240_000)
    let twin: GobgpTwin
    before(async function () {
      await withDaemons(this)
      twin = await makeGobgpTwin('gobgp-change', version)
      await start(twin)
    })
    after(() => twin?.close())

    const conf = () => readFileSync(`${twin.router.folder}/orion.toml`, 'utf8')
    /** Applies a change; each session must do what the plan says of it. */
    async function change(
      bgp: Partial<Bgp>,
      impacts: Readonly<Record<string, string>>,
      drained: readonly string[] = [],
    ) {
      const [old, before] = [conf(), await sinceOf(twin)]
      await applied(twin, bgp, drained)
      const said = [...gobgpImpact(old, conf())].filter(([, { impact }]) => impact !== 'nothing')
      assert.deepEqual(Object.fromEntries(said.map(([, { name, impact }]) => [name, impact])), impacts)
      await becomes(twin, () => stands(twin), PEERS.length + 1)
      const after = await sinceOf(twin)
      const reset = Object.keys(before).filter((address) => after[address] !== before[address])
      const expected = said.filter(([, { impact }]) => impact === 'resets').map(([address]) => address)
      assert.deepEqual(sorted(reset), sorted(expected))
    }
    const all = (impact: string) =>
      Object.fromEntries(['fib', ...PEERS.map(({ name }) => name)].map((name) => [name, impact]))

    it('undrained, and drained again: no session notices', async () => {
      await applied(twin, ALL, [UP4.name])
      await change(ALL, all('reloads'))
      await becomes(twin, async () => [...(await twin.receivedBy(UP4.name))], [[OWN4, own([OURS])]])
      await becomes(twin, async () => (await twin.taken(UP4.address)).get('5.44.16.0/20'), UP4.localPreference)
      await change(ALL, all('reloads'), [UP6.name])
      await becomes(twin, async () => (await twin.receivedBy(UP6.name)).get(OWN6), own([OURS], '(65535,0)'))
      await becomes(twin, async () => (await twin.taken(UP6.address)).get(GOOD6), 1)
      await change(ALL, all('reloads'))
    })
    it('a router of our own is told by the lowest preference, not by a community that others would hear', async () => {
      await change(ALL, all('reloads'), [CORE.name])
      await becomes(twin, async () => (await twin.receivedBy(CORE.name)).get(OWN6)?.preference, 1)
      const bgp = bgpOf(bgpSite(ALL))
      assert.deepEqual(advertised(bgp, CORE, await twin.look(ALL))[0], { prefix: OWN6, communities: [], preference: 1 })
      await change(ALL, all('reloads'))
      await becomes(twin, async () => (await twin.receivedBy(CORE.name)).get(OWN6)?.preference, 100)
    })
    it('a customer has fewer prefixes: its routes go everywhere', async () => {
      await change(having('shop', { prefixes: ['2602:f674:0:ff00::/56'] }), all('reloads'))
      await becomes(twin, told(twin, UP6), sorted([OWN6, BLACKHOLE]))
      await change(ALL, all('reloads'))
      await becomes(twin, told(twin, UP6), sorted([OWN6, BLACKHOLE, ...OF_SHOP]))
    })
    it('another limit: nothing else', () => change(having('upstream', { maxPrefixes: 150 }), {}))
    it('another preference and no prepending', async () => {
      await change(having('ix', { localPreference: 170, prepend: 0 }), all('reloads'))
      await becomes(twin, async () => (await twin.taken(IX.address)).get('2a01:1000::/32'), 170)
      await becomes(twin, async () => (await twin.receivedBy(IX.name)).get(OWN6), own([OURS]))
    })
    it('a peer that may be told less has a new session: nothing of before stays with it', async () => {
      await applied(twin, ALL)
      await change(having('upstream', { blackhole: false }), { ...all('reloads'), upstream: 'resets' })
      await becomes(twin, told(twin, UP6), sorted([OWN6, ...OF_SHOP]))
      await change(ALL, { ...all('reloads'), upstream: 'resets' })
      await change(having('shop', { relation: 'peer' }), { ...all('reloads'), shop: 'resets' })
      await becomes(twin, told(twin, SHOP), [OWN6])
      await becomes(twin, told(twin, UP6), sorted([OWN6, BLACKHOLE]))
      await applied(twin, ALL)
      await becomes(twin, async () => (await twin.receivedBy(SHOP.name)).has(GOOD6), true)
    })
    it('another prefix of ours, and one less', async () => {
      await applied(twin, { ...ALL, announce: [OWN6] })
      await becomes(twin, told(twin, UP4), [])
      await applied(twin, ALL)
      await becomes(twin, told(twin, UP4), [OWN4])
    })
    it('another router ID: GoBGP starts anew, and everything is as before', async () => {
      await change({ ...ALL, routerId: '192.168.100.9' }, all('resets'))
      await becomes(twin, told(twin, UP6), sorted([OWN6, BLACKHOLE, ...OF_SHOP]))
      await becomes(twin, async () => (await twin.taken(UP6.address)).size, good(HOSTILE6).length)
      assert.match(await twin.gobgp('global'), /192\.168\.100\.9/)
      await change(ALL, all('resets'))
    })

    describe('where a name is undefined', () => {
      const spoil = (text: string) => text.replace(/^( {2}prefix-set-name = )"bogons6"$/m, '$1"bogons66"')
      const cases: readonly [title: string, bgp: Partial<Bgp>][] = [
        ['a running GoBGP keeps its old rules, which is noticed', having('ix', { localPreference: 171 })],
        ['a starting GoBGP has none and would take everything', { ...ALL, routerId: '192.168.100.9' }],
      ]
      for (const [title, bgp] of cases)
        it(`${title}: nobody connects until it is mended`, async () => {
          const { code, stderr } = await twin.render(bgp, { spoil })
          assert.notEqual(code, 0)
          // 3.36 (--config-strict) does not even start.
          assert.match(stderr, /policies of GoBGP are not what they shall be|GoBGP does not answer/)
          await becomes(twin, () => stands(twin), 0)
          // Whoever keeps our routes while we start anew has no others than before.
          const all = [OWN6, BLACKHOLE, ...OF_SHOP]
          assert.deepEqual(
            (await told(twin, UP6)()).filter((prefix) => !all.includes(prefix)),
            [],
          )
          await applied(twin, ALL)
          await becomes(twin, () => stands(twin), PEERS.length + 1)
          await becomes(twin, async () => (await twin.taken(UP6.address)).size, good(HOSTILE6).length)
        })
    })
  })
