// Which request, and which task, a fault strikes.
import assert from 'node:assert/strict'
import { type FaultRule, lockTimeoutText, makeFaults, toFaultRule } from '../../src/lab/faults.ts'
import { schemaOf } from '../../src/lab/schema.ts'

const endpoint = (key: string) => {
  const found = schemaOf('9.1.4').endpoint(key)
  assert.ok(found)
  return found
}
const create = endpoint('POST /nodes/{node}/qemu')
const list = endpoint('GET /nodes/{node}/qemu')

describe('faults', () => {
  const counts: [FaultRule['match'], number[]][] = [
    [{}, [0]],
    [{ nth: 3 }, [2]],
    [{ nth: 2, times: 2 }, [1, 2]],
    [{ times: 0 }, [0, 1, 2, 3, 4]],
    [{ times: 0, nth: 4 }, [3, 4]],
    [{ method: 'GET' }, []],
    [{ template: '/lxc$' }, []],
  ]
  for (const [match, struck] of counts) {
    it(`${JSON.stringify(match)} strikes ${struck}`, () => {
      const faults = makeFaults()
      faults.add({ match, action: 'drop-before' })
      assert.deepEqual(
        [0, 1, 2, 3, 4].map(() => faults.strike(create) !== undefined).flatMap((hit, at) => (hit ? [at] : [])),
        struck,
      )
    })
  }

  it('hand a task its fault, once', () => {
    const faults = makeFaults()
    faults.add({ match: { task: '^qmstart:' }, action: { slowTask: 50 } })
    assert.equal(faults.taskFault('qmcreate', '100'), undefined)
    assert.deepEqual(faults.taskFault('qmstart', '100'), { slowMs: 50 })
    assert.equal(faults.taskFault('qmstart', '100'), undefined)
  })

  it('hand the task of a request its fault', () => {
    const faults = makeFaults()
    faults.add({ match: { method: 'POST' }, action: { failTask: 'no' } })
    assert.equal(faults.strike(list), undefined)
    assert.equal(faults.taskFault('qmcreate', '100'), undefined)
    assert.equal(faults.strike(create), undefined)
    assert.deepEqual(faults.taskFault('qmcreate', '100'), { fail: 'no' })
    assert.equal(faults.taskFault('qmcreate', '101'), undefined)
  })

  it('are gone when cleared', () => {
    const faults = makeFaults()
    faults.add({ match: { times: 0 }, action: 'drop-after' })
    faults.clear()
    assert.equal(faults.strike(create), undefined)
  })

  it('name the lock that could not be had', () => {
    assert.match(lockTimeoutText({ vmid: '7' }, '/nodes/{node}/lxc/{vmid}'), /pve-config-7\.lock/)
    assert.match(lockTimeoutText({ storage: 'nas' }, '/storage/{storage}'), /storage-nas/)
  })

  const rules: [unknown, boolean][] = [
    [{ match: {}, action: 'drop-before' }, true],
    [{ match: { nth: 2 }, action: { status: 500, message: 'x' } }, true],
    [{ match: {}, action: { warnTask: 'hm' } }, true],
    [{ match: {}, action: { status: '500' } }, false],
    [{ match: {}, action: 'melt' }, false],
    [{ action: 'drop-after' }, false],
    [{ match: { template: '(' }, action: 'drop-after' }, false],
  ]
  for (const [rule, right] of rules) {
    it(`${JSON.stringify(rule)} is ${right ? 'a' : 'no'} rule`, () => {
      assert.equal(toFaultRule(rule as Record<string, unknown>) !== undefined, right)
    })
  }
})
