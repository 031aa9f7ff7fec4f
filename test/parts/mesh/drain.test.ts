// drain.conf and weight.conf: what they say is kept, what makes no sense is not.
import assert from 'node:assert/strict'
import { drainedOf, drainFile, setDrain } from '../../../src/parts/mesh/drain.ts'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { meshSite } from './routing-world.ts'

const LINES = ['define DRAIN_wg_fra_1 = 0;', 'define DRAIN_wg_kel_1 = 0;', 'define DRAIN_wg_van_1 = 0;']

const rey = async () => {
  const gateway = gatewayOf(await meshSite(), 'rey-1')
  assert.ok(gateway)
  return gateway
}
const linesOf = (text: string) => text.split('\n').filter((line) => line.startsWith('define'))

describe('parts/mesh/drain', () => {
  it('drains nothing at first', async () => assert.deepEqual(linesOf(drainFile(await rey(), undefined)), LINES))

  it('keeps what an open rotation drained, and forgets links that are gone', async () => {
    const old =
      'define DRAIN_wg_fra_1 = 1;\ndefine DRAIN_wg_kel_1 = 1;\ndefine DRAIN_wg_gone = 1;\n# define DRAIN_wg_van_1 = 1;\n'
    assert.deepEqual(linesOf(drainFile(await rey(), old)), LINES)
    const text = drainFile(await rey(), old, ['wg-kel-1', 'wg-van-1', 'wg-gone'])
    assert.deepEqual(
      linesOf(text),
      LINES.map((line) => line.replace('kel_1 = 0', 'kel_1 = 1')),
    )
    assert.deepEqual(drainedOf(await rey(), text), ['wg-kel-1'])
  })

  it('drains and undrains some, and leaves the others', async () => {
    const gateway = await rey()
    const both = setDrain(gateway, undefined, { interfaces: ['wg-kel-1', 'wg-van-1'], on: true })
    assert.deepEqual(drainedOf(gateway, both), ['wg-kel-1', 'wg-van-1'])
    const one = setDrain(gateway, both, { interfaces: ['wg-kel-1'], on: false })
    assert.deepEqual(drainedOf(gateway, one), ['wg-van-1'])
    assert.deepEqual(drainedOf(gateway, setDrain(gateway, one, { interfaces: ['wg-nobody'], on: true })), ['wg-van-1'])
  })
})
