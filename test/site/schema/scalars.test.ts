import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { z } from 'zod'
import * as s from '../../../src/site/schema/scalars.ts'

/** What each text is read as; undefined = refused. */
const ROWS: readonly (readonly [string, z.ZodType, readonly (readonly [unknown, unknown])[]])[] = [
  [
    'sizeMib',
    s.sizeMib,
    [
      ['512M', 512],
      ['32G', 32768],
      ['1.5T', 1572864],
      ['2GiB', 2048],
      ['2 GB', 2048],
      ['0.5G', 512],
      ['0M', undefined],
      ['32', undefined],
      [32, undefined],
      ['32g', undefined],
      ['-1G', undefined],
      ['1e3G', undefined],
      ['0.3M', undefined],
      ['99999999999T', undefined],
    ],
  ],
  [
    'sizeMibOrZero',
    s.sizeMibOrZero,
    [
      [0, 0],
      ['8G', 8192],
      [8, undefined],
    ],
  ],
  [
    'sizeGib',
    s.sizeGib,
    [
      ['100G', 100],
      ['2T', 2048],
      ['0.5T', 512],
      ['1.5G', undefined],
      ['512M', undefined],
      ['0G', undefined],
    ],
  ],
  [
    'durationSeconds',
    s.durationSeconds,
    [
      ['60s', 60],
      ['5m', 300],
      ['48h', 172800],
      ['7d', 604800],
      [60, undefined],
      ['60', undefined],
      ['1.5h', undefined],
    ],
  ],
  [
    'celsius',
    s.celsius,
    [
      ['80C', 80],
      ['-5C', -5],
      ['80', undefined],
      ['80F', undefined],
      [80, undefined],
    ],
  ],
  [
    'percent',
    s.percent,
    [
      ['25%', 25],
      ['100%', 100],
      ['0%', undefined],
      ['101%', undefined],
      ['25', undefined],
    ],
  ],
  [
    'hostName',
    s.hostName,
    [
      ['k3s-worker', 'k3s-worker'],
      ['A1', 'A1'],
      ['a_b', undefined],
      ['-a', undefined],
      ['a-', undefined],
      ['a.b', undefined],
      ['x'.repeat(64), undefined],
      ['', undefined],
      ['a\nb', undefined],
      ['a\n', undefined],
    ],
  ],
  [
    'name',
    s.name,
    [
      ['debian-13.1_x', 'debian-13.1_x'],
      ['a/b', undefined],
      ['..', undefined],
      ['a b', undefined],
    ],
  ],
  [
    'timezone',
    s.timezone,
    [
      ['UTC', 'UTC'],
      ['America/Vancouver', 'America/Vancouver'],
      ['europe/vienna', 'Europe/Vienna'],
      ['Asia/Kolkata', 'Asia/Kolkata'],
      ['Mars/Olympus', undefined],
      ['../etc/passwd', undefined],
    ],
  ],
  [
    'absolutePath',
    s.absolutePath,
    [
      ['/var/lib/vz', '/var/lib/vz'],
      ['var', undefined],
      ['/a/../b', undefined],
      ['/..', undefined],
      ['/../etc', undefined],
      ['/a/..', undefined],
      ['/', '/'],
      ['/a..b', '/a..b'],
      ['/a\nb', undefined],
      ['/a,b', undefined],
    ],
  ],
  [
    'line',
    s.line,
    [
      ['any; $(text) "here"', 'any; $(text) "here"'],
      ['a\nb', undefined],
      ['a\u2028b', undefined],
      ['', undefined],
    ],
  ],
  [
    'vmid',
    s.vmid,
    [
      [100, 100],
      [999999999, 999999999],
      [99, undefined],
      [1000000000, undefined],
      ['100', undefined],
      [100.5, undefined],
    ],
  ],
  [
    'asn',
    s.asn,
    [
      [1, 1],
      [4294967295, 4294967295],
      [0, undefined],
      [4294967296, undefined],
    ],
  ],
]

describe('schema/scalars', () => {
  for (const [name, schema, rows] of ROWS) {
    for (const [input, wanted] of rows) {
      it(`${name}: ${JSON.stringify(input).slice(0, 40)} -> ${JSON.stringify(wanted)?.slice(0, 40)}`, () => {
        const result = schema.safeParse(input)
        assert.deepEqual(result.success ? result.data : undefined, wanted)
      })
    }
  }

  it('reads every size back that it could have written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 20 }), fc.constantFrom('M', 'G', 'T'), (count, unit) => {
        const factor = { M: 1, G: 1024, T: 1024 ** 2 }[unit]
        assert.equal(s.sizeMib.parse(`${count}${unit}`), count * factor)
      }),
    )
  })
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
