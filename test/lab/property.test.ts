import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatProperties, formatSize, GIB, parseProperties, parseSize, toList } from '../../src/lab/property.ts'

describe('lab/property', () => {
  for (const [text, bytes] of [
    ['32G', 32 * GIB],
    ['512M', GIB / 2],
    ['528K', 528 * 1024],
    ['1.5G', 1.5 * GIB],
    ['7', 7],
    ['2T', 2048 * GIB],
    ['G', undefined],
    ['-1G', undefined],
    ['1P', undefined],
  ] as const) {
    it(`size ${text}`, () => assert.equal(parseSize(text), bytes))
  }

  it('gives back every size that it wrote', () => {
    fc.assert(fc.property(fc.nat({ max: 2 ** 31 }), (bytes) => parseSize(formatSize(bytes)) === bytes))
  })

  it('keeps every property through reading and writing', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9:/.-]{0,8}$/)
    fc.assert(
      fc.property(word, fc.dictionary(fc.stringMatching(/^[a-y]{1,6}$/), word), (file, others) => {
        const properties = { ...others, zfile: file }
        assert.deepEqual(parseProperties(formatProperties(properties, 'zfile'), 'zfile'), properties)
      }),
    )
  })

  it('puts named keys first and the others in the order of their names', () => {
    assert.equal(
      formatProperties({ type: 'veth', bridge: 'b', name: 'eth0' }, '', ['name']),
      'name=eth0,bridge=b,type=veth',
    )
  })

  for (const [value, list] of [
    ['a,b;c d', ['a', 'b', 'c', 'd']],
    [
      ['a', 'b,c'],
      ['a', 'b', 'c'],
    ],
    [undefined, []],
  ] as const) {
    it(`list ${JSON.stringify(value)}`, () => assert.deepEqual(toList(value), list))
  }
})
