// The sweep agrees with looking at every pair.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { overlaps } from '../../../src/site/ip.ts'
import { collisions } from '../../../src/site/rules/interval.ts'

const ranges = fc
  .array(fc.record({ family: fc.constantFrom<4 | 6>(4, 6), first: fc.nat(60), length: fc.nat(6) }))
  .map((all) =>
    all.map(({ family, first, length }, order) => ({
      family,
      first: BigInt(first),
      last: BigInt(first + length),
      order,
    })),
  )

describe('collisions', () => {
  it('tells everything within a wide range, also after a small one', () => {
    const all = [
      [0, 100],
      [1, 2],
      [50, 60],
    ].map(([first = 0, last = 0], order) => ({ family: 4 as const, first: BigInt(first), last: BigInt(last), order }))
    assert.deepEqual(
      collisions(all).map(({ earlier, later }) => [earlier.order, later.order]),
      [
        [0, 1],
        [0, 2],
      ],
    )
  })

  it('tells only ranges that overlap, the later one in the file as the later', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        for (const { earlier, later } of collisions(all)) {
          assert.ok(overlaps(earlier, later))
          assert.ok(earlier.order < later.order)
        }
      }),
    )
  })

  it('is silent exactly where no pair overlaps, and never tells more than there are ranges', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        const found = collisions(all)
        const any = all.some((a) => all.some((b) => a.order < b.order && overlaps(a, b)))
        assert.equal(found.length > 0, any)
        assert.ok(found.length < Math.max(1, all.length))
      }),
    )
  })

  it('leaves no overlap when one of each pair that it told is taken away', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        let left = all
        for (let found = collisions(left); found.length > 0; found = collisions(left)) {
          const gone = new Set(found.map(({ later }) => later.order))
          left = left.filter(({ order }) => !gone.has(order))
        }
        assert.ok(left.every((a) => left.every((b) => a === b || !overlaps(a, b))))
      }),
    )
  })
})
