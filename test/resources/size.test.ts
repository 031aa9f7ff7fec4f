// Sizes as Proxmox VE writes them.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseSize, printSize } from '../../src/resources/size.ts'

const ROWS: readonly (readonly [string, number | undefined])[] = [
  ['32G', 32 * 1024 ** 3],
  ['32768M', 32 * 1024 ** 3],
  ['4M', 4 * 1024 ** 2],
  ['528K', 528 * 1024],
  ['1.5T', 1.5 * 1024 ** 4],
  ['4194304', 4194304],
  ['', undefined],
  ['big', undefined],
  ['-1G', undefined],
]

describe('resources/size', () => {
  for (const [text, bytes] of ROWS) it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseSize(text), bytes))

  it('prints what it reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom('M', 'G'), (count, unit) => {
        const bytes = parseSize(`${count}${unit}`) ?? 0
        assert.equal(parseSize(printSize(bytes)), bytes)
      }),
    )
  })
})
