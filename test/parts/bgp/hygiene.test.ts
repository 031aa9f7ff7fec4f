// The hygiene report: it says `on` only where the rendered text keeps the rule.
import assert from 'node:assert/strict'
import { getBirdTexts } from '../../../src/parts/bgp/bird-conf.ts'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { getHygiene, type HygieneRow, judgeTexts } from '../../../src/parts/bgp/hygiene.ts'
import { RULES } from '../../../src/parts/bgp/hygiene-rules.ts'
import type { Session } from '../../../src/parts/bgp/sessions.ts'
import type { Bgp } from '../../../src/site/services.ts'
import { bgpOf, bgpSite, FULL, routerIn, testPeer, withBird } from './bird-site.ts'

function rows(bgp: Partial<Bgp>, version = '2.17.5', live: readonly Session[] = []): readonly HygieneRow[] {
  const site = bgpSite(bgp)
  return getHygiene(site, routerIn(site), withBird(version), live)
}

const find = (all: readonly HygieneRow[], rule: string, peer?: string) => {
  const found = all.filter((row) => row.rule === rule && row.peer === peer)
  assert.equal(found.length, 1, `${rule} of ${peer}`)
  return found[0]
}

/** Every option on, and TCP-AO. */
const BEST: Partial<Bgp> = {
  ...FULL,
  peers: [
    testPeer({
      password: { env: 'P' },
      authentication: 'tcp-ao',
      ttlSecurity: true,
      bfd: true,
      requireRole: true,
      blackhole: true,
      asSet: 'AS-X',
    }),
  ],
}

const RS: Partial<Bgp> = { peers: [testPeer({ relation: 'peer', routeServer: true })] }

describe('parts/bgp: hygiene', () => {
  it('every rule can be on', () => {
    assert.deepEqual(
      rows(BEST)
        .filter(({ state }) => state !== 'on')
        .map(({ rule }) => rule),
      [],
    )
    assert.deepEqual(
      [...new Set(rows(BEST).map(({ rule }) => rule))],
      RULES.map(({ name }) => name),
    )
  })
  it('every rule has a name of its own, and says whose word it is', () => {
    assert.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length)
    for (const { name, standard } of RULES) assert.match(standard, /^RFC \d{4}/, name)
  })

  const site = bgpSite(BEST)
  const model = getBirdModel(site, routerIn(site), withBird('2.17.5'))
  assert.ok(model)
  for (const rule of RULES)
    it(`is off without the words of its own: ${rule.name}`, () => {
      const { common, peers } = getBirdTexts(model)
      // Each match goes, as there may be one for each family.
      const cut = (text: string) => text.replaceAll(new RegExp(rule.bird.pattern, 'gm'), '')
      const [peer] = peers
      assert.ok(peer)
      const place = rule.bird.in
      const texts =
        place === 'common'
          ? { common: cut(common), peers }
          : { common, peers: [{ ...peer, [place]: cut(peer[place]) }] }
      const judged = judgeTexts(model, texts, [])
      assert.notEqual(judged.find((row) => row.rule === rule.name)?.state, 'on')
      const others = judged.filter(({ state, rule: name }) => state !== 'on' && name !== rule.name)
      // Only what stands in the very words that were cut.
      assert.ok(others.length <= (rule.name === 'origin' ? RULES.length : 1), others.map(({ rule }) => rule).join())
    })
  it('words in a comment are none', () => {
    const { common, peers } = getBirdTexts(model)
    const commented = peers.map((one) => ({ ...one, protocol: one.protocol.replace(/^/gm, '# ') }))
    assert.notEqual(find(judgeTexts(model, { common, peers: commented }, []), 'bfd', 'upstream')?.state, 'on')
  })

  const WHY: readonly [string, Partial<Bgp>, string, string, string | undefined, HygieneRow['state'], RegExp][] = [
    ['what the peer must agree to', {}, '2.17.5', 'gtsm', 'upstream', 'off', /bgp\.peers\.upstream\.ttlSecurity$/],
    ['one cache', {}, '2.17.5', 'rpki-caches', undefined, 'off', /^there is one: name another in bgp\.rpki\.caches$/],
    ['a newer BIRD', {}, '2.0.12', 'send-hold', 'upstream', 'not possible', /^BIRD 2\.0\.12 has none \(since 2\.15\)$/],
    ['TCP-AO of a newer BIRD', FULL, '2.0.12', 'tcp-ao', 'upstream', 'not possible', /2\.17/],
    ['TCP-AO not asked for', FULL, '2.17.5', 'tcp-ao', 'upstream', 'off', /bgp\.peers\.upstream\.authentication$/],
    ['a default route that was asked for', FULL, '2.17.5', 'default-route', 'upstream', 'off', /defaultRoute$/],
    ['a provider has no AS-SET', {}, '2.17.5', 'irr', 'upstream', 'not possible', /everybody$/],
    [
      'what is listed',
      FULL,
      '2.17.5',
      'irr',
      'shop',
      'on',
      /^2602:f674:0:ff00::\/56, 2602:f600::\/24, 2607:f8b0::\/32$/,
    ],
    ['who is behind others', FULL, '2.17.5', 'next-hop', 'far-away', 'not possible', /multihop$/],
    ['a route server and first AS', RS, '2.17.5', 'first-as', 'upstream', 'off', /bgp\.peers\.upstream\.routeServer$/],
    ['a route server and next hops', RS, '2.17.5', 'next-hop', 'upstream', 'off', /next hops: .*\.routeServer$/],
    ['our role toward it', RS, '2.0.12', 'role', 'upstream', 'on', /^we are its rs-client$/],
    ['room for all its members', RS, '2.17.5', 'import-limit', 'upstream', 'on', /^150000$/],
    ['a customer gets all', FULL, '2.17.5', 'export-limit', 'shop', 'not possible', /no bound/],
    [
      'no address of our own',
      { announce: ['2607:f8b0::/32'] },
      '2.17.5',
      'source-address',
      undefined,
      'not possible',
      /no NIC/,
    ],
    ['the limit', { peers: [testPeer({ maxPrefixes: 20 })] }, '2.17.5', 'import-limit', 'upstream', 'on', /^20$/],
  ]
  for (const [what, bgp, version, rule, peer, state, why] of WHY)
    it(`says why: ${what}`, () => {
      const row = find(rows(bgp, version), rule, peer)
      assert.equal(row?.state, state)
      assert.match(row?.why ?? '', why)
    })
  it('RPKI is off where the site file says so', () => {
    const site = bgpSite()
    const { rpki: _, ...bgp } = bgpOf(site)
    const judged = getHygiene({ ...site, bgp }, routerIn(site), withBird('2.17.5'))
    assert.equal(find(judged, 'rpki', 'upstream')?.state, 'off')
    const reload = find(judged, 'rpki-reload', 'upstream')
    assert.deepEqual([reload?.state, reload?.why], ['off', 'bgp.rpki is false, or names no cache'])
    assert.equal(find(judged, 'rpki-caches')?.state, 'off')
  })
  it('rules about other networks are none of our own routers', () => {
    const internal = new Set(
      rows(FULL)
        .filter(({ peer }) => peer === 's')
        .map(({ rule }) => rule),
    )
    for (const rule of ['own-prefix', 'role', 'no-transit', 'rpki', 'first-as'])
      assert.equal(internal.has(rule), false, rule)
    for (const rule of ['bogon-prefix', 'explicit-policy', 'bfd']) assert.equal(internal.has(rule), true, rule)
  })
  it('a standing session tells what the peer has', () => {
    const session = (neighbor: readonly string[], state = 'Established'): Session => ({
      peer: testPeer(),
      state,
      limits: [],
      capabilities: { local: [], neighbor },
      fields: new Map(),
    })
    const why = (session: Session, rule: string) => find(rows({}, '2.17.5', [session]), rule, 'upstream')?.why
    assert.equal(why(session(['Role: provider']), 'role'), 'we are its customer; the peer has it, too')
    assert.equal(why(session(['Role: provider']), 'graceful-restart'), 'the peer has it not')
    assert.equal(why(session([], 'Active'), 'role'), 'we are its customer')
  })
  it('no BGP, no rows', () => {
    const { bgp: _, ...site } = bgpSite()
    assert.deepEqual(getHygiene(site, routerIn(bgpSite())), [])
  })
})
