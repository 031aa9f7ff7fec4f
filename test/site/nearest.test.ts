import assert from 'node:assert/strict'
import fc from 'fast-check'
import { didYouMean, distance, nearest } from '../../src/site/nearest.ts'

describe('nearest', () => {
  const known = ['memory', 'cores', 'disk', 'disks', 'nics', 'node', 'onboot', 'balloon']
  const rows: [string, string | undefined][] = [
    ['memroy', 'memory'],
    ['Memory', 'memory'],
    ['core', 'cores'],
    ['dsk', 'disk'],
    ['onBoot', 'onboot'],
    ['ballon', 'balloon'],
    ['nic', 'nics'],
    ['zzzzzz', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ]
  for (const [word, wanted] of rows) {
    it(`${word.slice(0, 20)} -> ${wanted}`, () => assert.equal(nearest(word, known), wanted))
  }

  it('says nothing where nothing is near', () => {
    assert.equal(didYouMean('zzzzzz', known), '')
    assert.equal(didYouMean('memry', known), ' (did you mean "memory"?)')
  })

  it('distance is a metric as far as it needs to be', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const far = distance(a, b)
        assert.equal(far, distance(b, a))
        assert.equal(far === 0, a === b)
        assert.ok(far >= Math.abs(a.length - b.length) && far <= Math.max(a.length, b.length))
      }),
    )
  })
})
