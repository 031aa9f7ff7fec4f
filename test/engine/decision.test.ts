// Verbs from what was seen, and when a plan is stale. The verbs of whole plans are in plan.test.ts.
import assert from 'node:assert/strict'
import { type Decision, decide, getStale, showDifference } from '../../src/engine/decision.ts'
import type { PlanStep } from '../../src/engine/plan.ts'
import { makeWorld, thing } from './fakes.ts'

const size = (have: string) => ({ field: 'size', have, want: '1' })
const step: PlanStep = { id: 'vm:a/1', title: 'x', verb: 'update', differences: [size('2')], waits: [], needs: [] }
const now = (verb: Decision['verb'], ...differences: Decision['differences']): Decision => ({
  verb,
  differences,
  waits: [],
})

describe('engine/decision', () => {
  const rows: [string, PlanStep, Decision, string | undefined][] = [
    ['the same', step, now('update', size('2')), undefined],
    ['nothing left', step, now('keep'), undefined],
    ['another value', step, now('update', size('3')), 'size 3 → 1'],
    ['another field', step, now('update', { field: 'cores', want: '2' }), 'cores none → 2'],
    ['gone', step, now('create', size('2')), 'it is gone'],
    ['created by somebody', { ...step, verb: 'create' }, now('update', size('2')), 'it was created by somebody else'],
    ['there again', { ...step, verb: 'keep' }, now('remove'), 'it is there again'],
    ['still there', { ...step, verb: 'remove' }, now('remove'), undefined],
  ]
  for (const [name, shown, decision, want] of rows) {
    it(`${name}: ${want ?? 'as shown'}`, () => assert.equal(getStale(shown, decision), want))
  }

  it('what shall be gone is removed whatever it looks like, even with an immutable difference', () => {
    const resource = thing(makeWorld(), 'vm:a/1', { immutable: ['size'] })
    assert.equal(decide(resource, { size: '7' }, 'absent').verb, 'remove')
    assert.equal(decide(resource, undefined, 'absent').verb, 'keep')
    assert.equal(decide(resource, { size: '7' }, 'present').error?.code, 'E_IMMUTABLE')
  })

  it('shows what is not there as none', () =>
    assert.equal(showDifference({ field: 'pool', have: 'lab' }), 'pool lab → none'))
})
