// The arithmetic of the benchmark: medians, targets, and a table that says where one is missed.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isMissed, median, table } from './measure.ts'

describe('measure', () => {
  const medians: readonly [readonly number[], number][] = [
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9], 9.5],
  ]
  for (const [values, expected] of medians) {
    it(`finds the median of ${values.join(', ')}`, () => assert.equal(median(values), expected))
  }

  it('has as many values above the median as below', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values)
        const below = values.filter((value) => value < middle).length
        const above = values.filter((value) => value > middle).length
        return below <= values.length / 2 && above <= values.length / 2
      }),
    )
  })

  const verdicts: readonly [string, Parameters<typeof isMissed>[0], boolean][] = [
    ['no target', { name: '', value: 9, unit: '' }, false],
    ['at most, met', { name: '', value: 2, unit: '', most: 2 }, false],
    ['at most, missed', { name: '', value: 2.1, unit: '', most: 2 }, true],
    ['at least, met', { name: '', value: 3, unit: '', least: 3 }, false],
    ['at least, missed', { name: '', value: 2.9, unit: '', least: 3 }, true],
    ['not a number', { name: '', value: Number.NaN, unit: '', most: 2 }, true],
  ]
  for (const [title, figure, expected] of verdicts) {
    it(`judges ${title}`, () => assert.equal(isMissed(figure), expected))
  }

  it('aligns the table and says where a target is missed', () => {
    const figures = [
      { name: 'start', value: 1.5, unit: '×', most: 2 },
      { name: 'plan', value: 312, unit: 'MB', most: 300 },
      { name: 'told', value: 12.34, unit: 's' },
    ]
    const expected = ['start  1.50 ×  at most 2.00  ok', 'plan   312 MB  at most 300   MISSED', 'told   12.3 s']
    assert.equal(table(figures), expected.join('\n'))
  })
})
