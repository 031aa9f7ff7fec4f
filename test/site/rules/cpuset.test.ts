// Cpusets as Linux writes them.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatCpuset, parseCpuset } from '../../../src/site/rules/cpuset.ts'

describe('parseCpuset', () => {
  const rows: [string, readonly number[] | undefined][] = [
    ['0', [0]],
    ['4-7', [4, 5, 6, 7]],
    ['6,0-2,1', [0, 1, 2, 6]],
    ['0, 2', [0, 2]],
    ['', undefined],
    ['7-4', undefined],
    ['1,', undefined],
    ['a', undefined],
    ['-1', undefined],
    ['0-8192', undefined],
    ['0-999999999', undefined],
  ]
  for (const [text, want] of rows) it(`${JSON.stringify(text)}`, () => assert.deepEqual(parseCpuset(text), want))

  it('holds each CPU of a list once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(8191), { minLength: 1 }), (cpus) => {
        assert.deepEqual(
          parseCpuset(cpus.join(',')),
          [...new Set(cpus)].sort((a, b) => a - b),
        )
      }),
    )
  })
})

describe('formatCpuset', () => {
  for (const [cpus, want] of [
    [[], ''],
    [[5], '5'],
    [[3, 1, 2, 1, 8, 10, 9], '1-3,8-10'],
    [[0, 2, 4], '0,2,4'],
  ] as const)
    it(want, () => assert.equal(formatCpuset(cpus), want))

  it('is read back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(8191), { minLength: 1 }), (cpus) => {
        assert.deepEqual(
          parseCpuset(formatCpuset(cpus)),
          [...cpus].sort((a, b) => a - b),
        )
      }),
    )
  })
})
