// Ranges of AS numbers as regular expressions: exhaustive at their edges.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BOGON_ASNS } from '../../../src/parts/bgp/bogons.ts'
import { toDigits, toPathPattern } from '../../../src/parts/bgp/gobgp-as-path.ts'
import { PATTERN } from '../../../src/parts/bgp/gobgp-re2.ts'

const MOST = 4_294_967_295
const asn = () => fc.integer({ min: 0, max: MOST })

/** As GoBGP reads `_`: the ends of the path, a space, or a sign of a set or confederation. */
const toRegExp = (pattern: string): RegExp => new RegExp(pattern.replaceAll('_', '(?:^|[,{}() ]|$)'))

describe('AS numbers as patterns', () => {
  const bogons = BOGON_ASNS.map(([first, last]) => ({ first, last }))
  const pattern = toRegExp(toPathPattern(bogons))
  const isBogon = (n: number): boolean => bogons.some(({ first, last }) => first <= n && n <= last)

  it('says of every number near an edge, of every power of ten and of all below 200,000 what the ranges say', () => {
    const near = bogons
      .flatMap(({ first, last }) => [first, last])
      .flatMap((edge) => Array.from({ length: 2001 }, (_, at) => edge - 1000 + at))
    const powers = Array.from({ length: 10 }, (_, at) => [10 ** at - 1, 10 ** at, 10 ** at + 1]).flat()
    const small = Array.from({ length: 200_000 }, (_, at) => at)
    for (const n of [...near, ...powers, ...small].filter((n) => n >= 0 && n <= MOST))
      assert.equal(pattern.test(String(n)), isBogon(n), String(n))
  })

  it('finds a number anywhere in a path, also in a set, and no part of another number', () => {
    const rows: readonly (readonly [string, boolean])[] = [
      ['6939 64512 3333', true],
      ['6939 3333 {174,64512}', true],
      ['64512', true],
      ['164512', false],
      ['645120 3333', false],
      ['', false],
      ['6939 1 4 5 6 9', false],
    ]
    for (const [path, expected] of rows) assert.equal(pattern.test(path), expected, path)
  })

  it('matches exactly the range, whatever it is', () => {
    fc.assert(
      fc.property(asn(), asn(), fc.array(asn(), { maxLength: 50 }), (a, b, others) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)]
        const digits = new RegExp(`^(?:${toDigits({ first, last }).join('|')})$`)
        const edges = [first - 1, first, first + 1, last - 1, last, last + 1]
        for (const n of [...edges, ...others])
          if (n >= 0) assert.equal(digits.test(String(n)), first <= n && n <= last, `${n}`)
      }),
    )
  })

  it('is written in words that RE2 has', () => {
    fc.assert(
      fc.property(asn(), asn(), (a, b) =>
        PATTERN.test(toPathPattern([{ first: Math.min(a, b), last: Math.max(a, b) }])),
      ),
    )
  })

  it('refuses what is no range', () => {
    for (const [first, last] of [
      [2, 1],
      [-1, 3],
      [0.5, 3],
    ] as const)
      assert.throws(() => toDigits({ first, last }), RangeError)
  })
})
