// The caches that BIRD or GoBGP asks: one of two is a warning, none is red, and a validator that has just begun has time.
import assert from 'node:assert/strict'
import { cacheProbes } from '../../../src/parts/bgp/cache-probe.ts'
import type { Rpki } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpOf, bgpSite, routerIn } from './bird-site.ts'

const OTHER = { address: '2a01:4f8::323', port: 323 }
const TWO: Rpki = { local: true, caches: [OTHER] }
const VALIDATED = '600\n{ "metadata": { "vrps": 700123 } }'
const UP = ['Established', 700_000] as const
const DOWN = ['Transport-Error', 0] as const

/** What BIRD says of its caches. */
const protocols = (rows: Readonly<Record<string, readonly [status: string, roas: number]>>): string =>
  Object.entries(rows)
    .map(
      ([name, [status, roas]]) => `1002-rpki_${name} RPKI       ---        up     2026-01-01 00:00:00  ${status}
1006-  Cache server:     ::1
       Cache port:       8282
       Status:           ${status}
       Channel roa6
         State:          UP
         Routes:         ${roas} imported, 0 exported, ${roas} preferred
`,
    )
    .join('')

describe('parts/bgp/cache-probe', () => {
  const rows: readonly [
    title: string,
    Rpki,
    Parameters<typeof protocols>[0],
    state: string,
    seen: RegExp,
    hint?: RegExp,
  ][] = [
    ['both stand', TWO, { local: UP, cache1: UP }, 'ok', /^2 of 2$/],
    [
      'one of two',
      TWO,
      { local: UP, cache1: DOWN },
      'warning',
      /^cache1 \(2a01:4f8::323\): transport-error$/,
      /bgp\.rpki\.caches/,
    ],
    ['our own of two', TWO, { local: DOWN, cache1: UP }, 'warning', /^local \(::1\): /, /status stayrtr/],
    ['none of two', TWO, { local: DOWN, cache1: DOWN }, 'failed', /local .*, cache1 /, /stayrtr/],
    ['one of one', { local: false, caches: [OTHER] }, { cache1: DOWN }, 'failed', /cache1/, /ask who keeps/],
    ['empty', { local: true, caches: [] }, { local: ['Established', 0] }, 'failed', /established, and empty/],
    ['BIRD asks none yet', TWO, {}, 'failed', /local \(::1\): not asked, cache1 .*: not asked/],
  ]
  for (const [title, rpki, said, state, seen, hint = /./] of rows)
    it(title, async () => {
      const site = bgpSite({ rpki })
      const { outside, calls } = routerOutside({
        programs: { 'bird-protocols': protocols(said), validated: VALIDATED },
      })
      const result = await cacheProbes(site, routerIn(site))[0]?.run(outside)
      assert.equal(result?.state, state)
      assert.match(result?.seen ?? '', seen)
      if (state !== 'ok') assert.match(result?.hint ?? '', hint)
      assert.deepEqual(calls, ['read'])
    })

  it('gives a validator that has not brought anything yet its time', async () => {
    const site = bgpSite({ rpki: { local: true, caches: [] } })
    const { outside } = routerOutside({
      programs: { 'bird-protocols': protocols({ local: DOWN }), validated: { code: 1 } },
    })
    assert.equal((await cacheProbes(site, routerIn(site))[0]?.run(outside))?.state, 'warning')
  })

  const GOBGP_ROWS: readonly [title: string, lines: readonly string[], state: string, seen: RegExp, hint?: RegExp][] = [
    ['both stand', ['[0::1]:8282 Up 00:00:42 5/3', '[2a01:4f8::323]:323 Up 12d 00:00:42 0/3'], 'ok', /^2 of 2$/],
    [
      'one of two',
      ['[::1]:8282 Up 00:00:42 5/3', '[2a01:4f8::323]:323 Down never 0/0'],
      'warning',
      /^cache1 \(2a01:4f8::323\): down$/,
      /bgp\.rpki\.caches/,
    ],
    [
      'none of two, and one of them at another port',
      ['[::1]:8283 Up 00:00:42 5/3', '[2a01:4f8::323]:323 Up 00:00:42 0/0'],
      'failed',
      /^local \(::1\): not asked, cache1 \(2a01:4f8::323\): established, and empty$/,
      /status stayrtr/,
    ],
    ['GoBGP does not answer', [], 'failed', /local \(::1\): not asked, cache1 .*: not asked/],
  ]
  for (const [title, lines, state, seen, hint = /./] of GOBGP_ROWS)
    it(`GoBGP at the edge: ${title}`, async () => {
      const site = bgpSite({ rpki: TWO, daemon: 'gobgp' })
      const text = ['Session  State  Uptime  #IPv4/IPv6 records', ...lines, ''].join('\n')
      const { outside, calls } = routerOutside({ programs: { 'gobgp-rpki': text, validated: VALIDATED } })
      const result = await cacheProbes(site, routerIn(site))[0]?.run(outside)
      assert.equal(result?.state, state)
      assert.match(result?.seen ?? '', seen)
      if (state !== 'ok') assert.match(result?.hint ?? '', hint)
      assert.deepEqual(calls, ['read'])
    })

  it('is none where nothing is validated, or another guest speaks BGP', () => {
    const { rpki: _, ...without } = bgpOf(bgpSite())
    const sites: readonly Site[] = [{ ...bgpSite(), bgp: without }, bgpSite({ router: 'other' })]
    for (const site of sites) assert.deepEqual(cacheProbes(site, routerIn(bgpSite())), [])
  })
})
