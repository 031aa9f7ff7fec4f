// A federation is redundant.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { distanceKm, federation } from '../../../src/site/rules/federation.ts'
import type { Cluster, Site } from '../../../src/site/site.ts'
import { cluster, site, told } from '../site-builder.ts'

const vancouver: Cluster = cluster('vancouver', {
  tier: 'command',
  location: [49.28, -123.12],
  powerGrid: 'bc-hydro',
  isp: ['telus'],
})
const kelowna: Cluster = cluster('kelowna', {
  tier: 'command',
  location: [49.89, -119.5],
  powerGrid: 'fortis-bc',
  isp: ['shaw'],
})
const beside = (...parts: Partial<Cluster>[]): Partial<Site> => ({
  clusters: [vancouver, ...parts.map((part) => ({ ...kelowna, ...part }))],
})

describe('federation', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['is silent where all differ', beside({}), []],
    [
      'the power grid',
      beside({ powerGrid: 'bc-hydro' }),
      ['warning clusters.kelowna.powerGrid: command clusters vancouver and kelowna share the power grid bc-hydro'],
    ],
    [
      'one ISP of several, however it is spelt',
      beside({ isp: ['shaw', 'Telus'] }),
      ['warning clusters.kelowna.isp: command clusters vancouver and kelowna share the ISP Telus'],
    ],
    [
      'the place',
      beside({ location: [49.1, -122.8] }),
      ['warning clusters.kelowna.location: command clusters vancouver and kelowna are 31 km apart, under 50 km'],
    ],
    [
      'the other tiers do not take over',
      beside({ tier: 'workhorse', powerGrid: 'bc-hydro', isp: ['telus'], location: [49.28, -123.12] }),
      [],
    ],
    [
      'what is not said is not compared',
      { clusters: [cluster('a', { tier: 'command' }), cluster('b', { tier: 'command' })] },
      [],
    ],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(federation(site(parts))), want))
})

describe('distanceKm', () => {
  it('knows places', () => {
    assert.ok(Math.abs(distanceKm([49.28, -123.12], [50.11, 8.68]) - 8070) < 50)
    assert.ok(Math.abs(distanceKm([0, 179.9], [0, -179.9]) - 22.2) < 0.1)
  })

  it('is a distance', () => {
    const place = fc.tuple(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
    )
    fc.assert(
      fc.property(place, place, (a, b) => {
        const km = distanceKm(a, b)
        assert.ok(km >= 0 && km <= 20_016)
        assert.ok(Math.abs(km - distanceKm(b, a)) < 1e-6)
        assert.ok(distanceKm(a, a) < 1e-6)
      }),
    )
  })
})
