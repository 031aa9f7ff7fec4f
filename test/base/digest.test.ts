// Digests: the order of keys means nothing, everything else does.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { digestOf } from '../../src/base/digest.ts'

/** The same value with its keys the other way round, at every depth. */
function turn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turn)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, turn(one)]),
  )
}

describe('base/digest', () => {
  it('is the same for the same data, also when it comes back out of a file', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(digestOf(turn(value)), digestOf(value))
        assert.equal(digestOf(JSON.parse(JSON.stringify(value))), digestOf(value))
      }),
    )
  })

  const OTHERS: [unknown, unknown][] = [
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [{}, []],
    [{ a: null }, {}],
    ['1', 1],
    [JSON.parse('{"__proto__":{"a":1}}'), {}],
    [{ keys: [['a', 1]] }, { a: 1 }],
  ]
  for (const [a, b] of OTHERS)
    it(`${JSON.stringify(a)} is not ${JSON.stringify(b)}`, () => assert.notEqual(digestOf(a), digestOf(b)))
})
