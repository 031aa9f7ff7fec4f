// Things run after what they need, and an error of the runner itself ends the whole.
import assert from 'node:assert/strict'
import { runInOrder } from '../../src/engine/schedule.ts'
import type { ResourceId } from '../../src/resource.ts'
import { makeGate, settle } from './fakes.ts'

const item = (id: ResourceId, ...needs: ResourceId[]) => ({ id, needs })

describe('engine/schedule', () => {
  it('nothing ends at once', () => runInOrder([], () => undefined))

  it('begins each as soon as its own needs ended, not later', async () => {
    const gates = { 'a:1': makeGate(), 'a:2': makeGate() }
    const begun: string[] = []
    const items = [item('a:1'), item('a:2'), item('b:1', 'a:1'), item('b:2', 'a:1', 'a:2')]
    const all = runInOrder(items, ({ id }) => {
      begun.push(id)
      return id === 'a:1' || id === 'a:2' ? gates[id].opened : undefined
    })
    await settle()
    assert.deepEqual(begun, ['a:1', 'a:2'])
    gates['a:1'].open()
    await settle()
    assert.deepEqual(begun, ['a:1', 'a:2', 'b:1'])
    gates['a:2'].open()
    await all
    assert.deepEqual(begun, ['a:1', 'a:2', 'b:1', 'b:2'])
  })

  it('a need that is named twice counts once and once', async () => {
    const begun: string[] = []
    await runInOrder([item('a:1'), item('b:1', 'a:1', 'a:1')], ({ id }) => void begun.push(id))
    assert.deepEqual(begun, ['a:1', 'b:1'])
  })

  it('rejects with what the runner rejects with', async () => {
    await assert.rejects(
      runInOrder([item('a:1')], () => Promise.reject(new Error('a bug'))),
      { message: 'a bug' },
    )
    await assert.rejects(
      runInOrder([item('a:1')], () => {
        throw new Error('a bug')
      }),
      { message: 'a bug' },
    )
  })
})
