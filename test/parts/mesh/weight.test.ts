// How much traffic a joining gateway takes: its file, and from which weight on each link has its networks.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { opensAt, weightFile, weightOf } from '../../../src/parts/mesh/weight.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { meshSite } from './routing-world.ts'

const noBypass = (mesh: Mesh): Mesh => {
  const { bypass: _, ...rest } = mesh
  return rest
}

/** Of a gateway, the least weight by interface. */
const OPENS: readonly (readonly [string, (mesh: Mesh) => Mesh, string, Readonly<Record<string, number>>])[] = [
  ['three classes', (mesh) => mesh, 'fra-1', { 'wg-kel-1': 1, 'wg-van-1': 34, 'wg-rey-1': 67 }],
  ['two', (mesh) => mesh, 'sin-1', { 'wg-kel-1': 1, 'wg-van-1': 51 }],
  ['the hub has one', noBypass, 'van-1', { 'wg-fra-1': 1, 'wg-kel-1': 1, 'wg-rey-1': 1, 'wg-sin-1': 1 }],
  ['hub, direct', noBypass, 'rey-1', { 'wg-fra-1': 51, 'wg-van-1': 1 }],
]

describe('parts/mesh/weight', () => {
  for (const [title, change, name, want] of OPENS)
    it(`opens link by link: ${title}`, async () => {
      const gateway = gatewayOf(await meshSite(change), name)
      assert.ok(gateway)
      assert.deepEqual(Object.fromEntries(opensAt(gateway)), want)
    })

  it('weight W opens the first ceil(W/100 · n) of n classes', () => {
    const KINDS = ['bypass', 'hub', 'direct'] as const
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 3 }), (weight, n) => {
        const links = KINDS.slice(0, n).map((kind) => ({ interface: kind, link: { kinds: new Set([kind]) } }))
        const open = [...opensAt({ links } as never).values()].filter((least) => weight >= least).length
        assert.equal(open, Math.ceil((weight / 100) * n))
      }),
    )
  })

  it('is all of it where nothing else stands', () => {
    for (const text of [
      undefined,
      '',
      'define WEIGHT = -1;',
      'define WEIGHT = 1000;',
      '# define WEIGHT = 5;',
      'WEIGHT',
    ])
      assert.equal(weightOf(text), 100, text)
    assert.equal(weightOf('define WEIGHT = 999;'), 100)
    for (const weight of [0, 25, 100]) assert.equal(weightOf(weightFile(weight)), weight)
  })

  it('is a whole number from 0 to 100', () => {
    for (const weight of [-1, 101, 0.5, Number.NaN]) assert.throws(() => weightFile(weight), RangeError)
  })
})
