// Removal: the reverse order, and gone afterwards.
import assert from 'node:assert/strict'
import { applyPlan } from '../../src/engine/apply.ts'
import { makeRemovalPlan } from '../../src/engine/plan.ts'
import { removeResources } from '../../src/engine/remove.ts'
import { OrionError } from '../../src/errors.ts'
import { makeWorld, thing } from './fakes.ts'

const options = { site: 'test', concurrency: 4, pause: async () => {} }

describe('engine/remove', () => {
  it('removes what needs a thing before the thing, and keeps what is not there', async () => {
    const world = makeWorld({ 'vm:a/1': {}, 'image:a/x': {} })
    const things = [thing(world, 'image:a/x'), thing(world, 'vm:a/1', { needs: ['image:a/x'] }), thing(world, 'vm:a/2')]
    const report = await removeResources(things, world.outside, options)
    assert.deepEqual(world.actions, ['remove vm:a/1', 'remove image:a/x'])
    assert.deepEqual(
      report.steps.map(({ outcome }) => outcome),
      ['kept', 'done', 'done'],
    )
    assert.equal(world.there.size, 0)
  })

  it('says so where a thing is still there', async () => {
    const world = makeWorld({ 'vm:a/1': {} })
    const after = () => void world.there.set('vm:a/1', {})
    const report = await removeResources([thing(world, 'vm:a/1', { after })], world.outside, options)
    assert.equal(report.steps[0]?.error?.code, 'E_NOT_CONVERGED')
    assert.match(report.steps[0]?.error?.message ?? '', /is still there$/)
  })

  it('does not touch anything where one is foreign', async () => {
    const world = makeWorld({ 'vm:a/1': {}, 'vm:a/2': {} })
    const look = () => Promise.reject(new OrionError('not ours', { code: 'E_FOREIGN' }))
    const things = [thing(world, 'vm:a/1', { look }), thing(world, 'vm:a/2')]
    await assert.rejects(removeResources(things, world.outside, options), { code: 'E_PLAN', message: /not ours/ })
    assert.deepEqual(world.actions, [])
  })

  it('a thing that vanished after the plan is kept, and never created', async () => {
    const world = makeWorld({ 'vm:a/1': {} })
    const things = [thing(world, 'vm:a/1')]
    const plan = await makeRemovalPlan(things, world.outside, options)
    world.there.clear()
    const report = await applyPlan(plan, things, world.outside, options)
    assert.deepEqual([report.counts.kept, world.actions], [1, []])
  })
})
