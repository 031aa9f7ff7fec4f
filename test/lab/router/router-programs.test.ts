// Programs of a simulated router that answer by themselves.
import assert from 'node:assert/strict'
import type { Output } from '../../../src/lab/host/machine.ts'
import { routerPrograms } from '../../../src/lab/router/router-programs.ts'

const bgpq4 = (set: string): Output => {
  const machine = { host: { packages: { bgpq4: '1.11' } } } as never
  return routerPrograms.bgpq4?.(machine, ['-6', '-A', '-j', '-l', 'PFX', set], {} as never) as Output
}

describe('lab/router/router-programs', () => {
  for (const [set, count] of [
    ['AS-IX-BRAVO', 3],
    ['AS-NOSUCHSET', 0],
    ['AS-NO-SUCH-SET', 0],
    ['AS64500:AS-EMPTY', 0],
  ] as const)
    it(`the registry has ${count} prefixes of ${set}`, () => {
      const { code, stdout } = bgpq4(set)
      assert.equal(code, 0)
      assert.equal(JSON.parse(String(stdout)).PFX.length, count)
    })
  it('takes nothing but names of sets', () => assert.equal(bgpq4('x y').code, 1))
})
