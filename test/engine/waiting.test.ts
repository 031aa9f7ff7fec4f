// How much waits for a step, and how long it took last time: what a step tells when it begins.
import assert from 'node:assert/strict'
import { applyPlan } from '../../src/engine/apply.ts'
import type { StepStarted } from '../../src/engine/events.ts'
import { makePlan } from '../../src/engine/plan.ts'
import { makeWaiting } from '../../src/engine/waiting.ts'
import type { ResourceId } from '../../src/resource.ts'
import { makeWorld, thing } from './fakes.ts'

// a ← b ← c, a ← d, and e alone; d is there already.
const make = () => {
  const world = makeWorld({ 'x:d': { size: '1' } })
  const resources = [
    thing(world, 'x:a'),
    thing(world, 'x:b', { needs: ['x:a'] }),
    thing(world, 'x:c', { needs: ['x:b', 'x:a'] }),
    thing(world, 'x:d', { needs: ['x:a'] }),
    thing(world, 'x:e'),
  ]
  return { world, resources }
}

describe('engine/waiting', () => {
  it('counts what waits near and far, once each, and not what is as wanted', async () => {
    const { world, resources } = make()
    const waiting = makeWaiting(await makePlan(resources, world.outside, { site: 's', concurrency: 2 }))
    const counts = (['x:a', 'x:b', 'x:c', 'x:d', 'x:e', 'x:none'] as ResourceId[]).map(waiting)
    assert.deepEqual(counts, [2, 1, 0, 0, 0, 0])
  })

  it('a step tells it when it begins, with how long it took last time', async () => {
    const { world, resources } = make()
    const plan = await makePlan(resources, world.outside, { site: 's', concurrency: 2 })
    const begun: StepStarted[] = []
    await applyPlan(plan, resources, world.outside, {
      concurrency: 2,
      lastMs: (id, verb) => (id === 'x:b' && verb === 'create' ? 4000 : undefined),
      on: (event) => void (event.kind === 'step-started' && begun.push(event)),
    })
    const told = begun.map(({ id, lastMs, waiting }) => [id, lastMs, waiting])
    assert.deepEqual(told.toSorted(), [
      ['x:a', undefined, 2],
      ['x:b', 4000, 1],
      ['x:c', undefined, undefined],
      ['x:e', undefined, undefined],
    ])
  })
})
