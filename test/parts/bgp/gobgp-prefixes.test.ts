// Prefix sets for a reader that takes the longest matching entry alone.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { PrefixRange } from '../../../src/parts/bgp/gobgp-model.ts'
import { exactly, inside, isInside, spreadOut } from '../../../src/parts/bgp/gobgp-prefixes.ts'
import { formatIp, formatNetwork, parseCidr } from '../../../src/site/ip.ts'

// Few bits, so that prefixes lie in one another.
const network = (bits: number, length: number): string => {
  const cidr = parseCidr(`${formatIp(4, BigInt((bits << 24) >>> 0))}/${length}`)
  return cidr ? formatNetwork(cidr) : ''
}
const range = () =>
  fc
    .record({ bits: fc.nat(255), length: fc.integer({ min: 1, max: 8 }), more: fc.nat(8), width: fc.nat(8) })
    .map(({ bits, length, more, width }) => {
      const min = Math.min(length + more, 16)
      return { prefix: network(bits, length), min, max: Math.min(min + width, 16) }
    })

const lengthOf = (prefix: string): number => Number(prefix.split('/')[1])
const covers = (set: readonly PrefixRange[], prefix: string) => set.filter((one) => isInside(one.prefix, prefix))
const fits = ({ min, max }: PrefixRange, prefix: string): boolean => min <= lengthOf(prefix) && lengthOf(prefix) <= max

/** What the set means, and what GoBGP before 4 makes of it. */
const meant = (set: readonly PrefixRange[], prefix: string): boolean =>
  covers(set, prefix).some((one) => fits(one, prefix))
function asRead(set: readonly PrefixRange[], prefix: string): boolean {
  const over = covers(set, prefix)
  const longest = Math.max(...over.map((one) => lengthOf(one.prefix)))
  return over.filter((one) => lengthOf(one.prefix) === longest).some((one) => fits(one, prefix))
}

describe('prefix sets for GoBGP', () => {
  it('mean the same read entry by entry and by the longest entry alone', () => {
    fc.assert(
      fc.property(
        fc.array(range(), { maxLength: 8 }),
        fc.array(fc.record({ bits: fc.nat(255), length: fc.integer({ min: 1, max: 16 }) })),
        (set, asked) => {
          const spread = spreadOut(set)
          for (const prefix of [
            ...asked.map(({ bits, length }) => network(bits, length)),
            ...set.map((one) => one.prefix),
          ]) {
            assert.equal(asRead(spread, prefix), meant(set, prefix), prefix)
            assert.equal(meant(spread, prefix), meant(set, prefix), prefix)
          }
        },
      ),
    )
  })

  it('take host bits away, and refuse what is no prefix', () => {
    assert.deepEqual(inside('2602:f674:0:1::5/48'), { prefix: '2602:f674::/48', min: 48, max: 128 })
    assert.deepEqual(exactly('10.1.2.3/8'), { prefix: '10.0.0.0/8', min: 8, max: 8 })
    assert.throws(() => inside('10.0.0.0'), RangeError)
  })
})
