// What the kernel has of BIRD: by the words of our own program here; the program itself meets a real kernel in test/real/bgp-verify.
import assert from 'node:assert/strict'
import { kernelProbes } from '../../../src/parts/bgp/kernel-probe.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpSite, routerIn } from './bird-site.ts'

const OWN = 'drop 2602:f674::/48\n'

describe('parts/bgp/kernel-probe', () => {
  const rows: readonly [title: string, says: string | { code: number }, state: string, seen: RegExp][] = [
    ['all is as it shall be', `${OWN}all 500\nother 0\n`, 'ok', /^500 routes$/],
    ['the aggregate alone', `${OWN}all 1\nother 0\n`, 'ok', /^1 routes$/],
    ['no aggregate', 'all 500\nother 0\n', 'failed', /^without 2602:f674::\/48$/],
    ['another prefix in its place', 'drop 2602:f675::/48\nall 1\nother 0\n', 'failed', /^without 2602:f674::\/48$/],
    [
      'routes with another source',
      `odd 2a01::/32\nodd default\n${OWN}all 9\nother 7\n`,
      'failed',
      /^7 of 9 routes have another source: 2a01::\/32, default$/,
    ],
    ['nothing', '', 'failed', /cannot be read/],
    ['no such program', { code: 127 }, 'failed', /cannot be read/],
  ]
  for (const [title, says, state, seen] of rows)
    it(title, async () => {
      const site = bgpSite()
      const { outside } = routerOutside({ programs: { 'kernel-routes 6': says } })
      const [probe] = kernelProbes(site, routerIn(site))
      assert.equal(probe?.id, 'kernel-routes:router/ipv6')
      const result = await probe?.run(outside)
      assert.equal(result?.state, state)
      assert.match(result?.seen ?? '', seen)
      if (state === 'failed') assert.ok(result?.hint)
    })

  it('looks at each family that is spoken, and at no other guest', () => {
    const both = bgpSite({ announce: ['2602:f674::/48', '23.128.10.0/24'] })
    const ids = kernelProbes(both, routerIn(both)).map(({ id }) => id)
    assert.deepEqual(ids, ['kernel-routes:router/ipv4', 'kernel-routes:router/ipv6'])
    assert.deepEqual(kernelProbes(bgpSite({ router: 'other' }), routerIn(bgpSite())), [])
  })
})
