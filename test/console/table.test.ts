// Any table fits any width.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Column, renderTable } from '../../src/console/table.ts'
import { getWidth } from '../../src/console/text.ts'

type Row = readonly [string, string, string]
const columns: Column<Row>[] = [
  { head: 'A', get: ([a]) => a },
  { head: 'B', get: ([, b]) => b, right: true },
  { head: 'C', get: ([, , c]) => c },
]

describe('console/table', () => {
  it('cuts the widest column', () => {
    const text = renderTable(columns, [['one', 'x'.repeat(40), 'three']], { width: 30, colour: false })
    assert.equal(text, `A    ${' '.repeat(17)}B  C\none  ${'x'.repeat(17)}…  three`)
  })

  it('never cuts what is to be typed again', () => {
    const [first = columns[0], ...rest] = columns
    const whole: Column<Row>[] = [{ ...(first as Column<Row>), whole: true }, ...rest]
    const text = renderTable(whole, [['x'.repeat(24), 'y'.repeat(20), 'three']], { width: 40, colour: false })
    assert.equal(text.split('\n')[1], `${'x'.repeat(24)}  ${'y'.repeat(6)}…  three`)
  })

  it('keeps to the width', () => {
    const cell = fc.string({ maxLength: 60, unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 20, max: 120 }), (rows, width) => {
        const lines = renderTable(columns, rows, { width, colour: false }).split('\n')
        assert.equal(lines.length, rows.length + 1)
        assert.ok(lines.every((line) => getWidth(line) <= width))
      }),
    )
  })
})
