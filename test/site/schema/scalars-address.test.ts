import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { z } from 'zod'
import * as s from '../../../src/site/schema/scalars.ts'

/** What each text is read as; undefined = refused. */
const ROWS: readonly (readonly [string, z.ZodType, readonly (readonly [unknown, unknown])[]])[] = [
  [
    'address',
    s.address,
    [
      ['10.0.0.1', '10.0.0.1'],
      ['2001:DB8:0:0::1', '2001:db8::1'],
      ['010.0.0.1', undefined],
      ['10.1', undefined],
      ['10.0.0.256', undefined],
      ['fe80::1%eth0', undefined],
      ['10.0.0.1/24', undefined],
      [' 10.0.0.1', undefined],
    ],
  ],
  [
    'address4',
    s.address4,
    [
      ['10.0.0.1', '10.0.0.1'],
      ['::1', undefined],
    ],
  ],
  [
    'address6',
    s.address6,
    [
      ['::1', '::1'],
      ['10.0.0.1', undefined],
    ],
  ],
  [
    'network4',
    s.network4,
    [
      ['10.0.0.0/24', '10.0.0.0/24'],
      ['10.0.0.1/24', undefined],
      ['10.0.0.0', undefined],
      ['10.0.0.0/33', undefined],
      ['2001:db8::/32', undefined],
    ],
  ],
  [
    'network6',
    s.network6,
    [
      ['2602:f674:0:0::/64', '2602:f674::/64'],
      ['2001:DB8::/32', '2001:db8::/32'],
      ['2001:db8::1/64', undefined],
      ['2001:db8::/129', undefined],
    ],
  ],
  [
    'addressRange4',
    s.addressRange4,
    [
      ['10.0.0.1-10.0.0.9', { first: '10.0.0.1', last: '10.0.0.9' }],
      ['10.0.0.9-10.0.0.1', undefined],
      ['10.0.0.1', undefined],
      ['10.0.0.1-2-3', undefined],
    ],
  ],
  [
    'host',
    s.host,
    [
      ['r730', 'r730'],
      ['a.example.net', 'a.example.net'],
      ['10.0.0.1', '10.0.0.1'],
      ['2001:db8:0::1', '2001:db8::1'],
      ['10.0.0.300', undefined],
      ['a b', undefined],
      ['-a', undefined],
      ['a;b', undefined],
      ['a:b', undefined],
    ],
  ],
]

describe('schema/scalars: addresses', () => {
  for (const [name, schema, rows] of ROWS) {
    for (const [input, wanted] of rows) {
      it(`${name}: ${JSON.stringify(input).slice(0, 40)} -> ${JSON.stringify(wanted)?.slice(0, 40)}`, () => {
        const result = schema.safeParse(input)
        assert.deepEqual(result.success ? result.data : undefined, wanted)
      })
    }
  }

  it('never throws, and never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const [, schema] of ROWS) {
          const result = schema.safeParse(text)
          if (result.success) assert.doesNotMatch(JSON.stringify(result.data), /\\[nrtu]/)
        }
      }),
    )
  })
})
