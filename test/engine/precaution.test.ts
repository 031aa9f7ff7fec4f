// What comes right before an update: shown in the plan, done once, and never something else than was shown.
import assert from 'node:assert/strict'
import { applyPlan } from '../../src/engine/apply.ts'
import { makePlan } from '../../src/engine/plan.ts'
import { OrionError } from '../../src/errors.ts'
import type { Precaution, Resource } from '../../src/resource.ts'
import { type Fields, makeWorld, type ThingOptions, thing, type World } from './fakes.ts'

const ID = 'vm:a/1'

interface Wish extends ThingOptions {
  /** What it says, look by look; the last one stays. */
  readonly says: readonly (string | undefined)[]
  readonly fails?: boolean
}

function careful(world: World, { says, fails = false, ...options }: Wish): Resource<Fields> {
  const left = [...says]
  const precaution: Precaution<Fields> = {
    plan: async () => (left.length > 1 ? left.shift() : left[0]),
    take: async () => {
      world.actions.push(`precaution ${ID}`)
      if (fails) throw new OrionError('no room', { code: 'E_TASK' })
    },
  }
  return { ...thing(world, ID, options), precaution }
}

const NO_PAUSE = { concurrency: 2, pause: async () => {} }

async function run(there: Readonly<Record<string, Fields>>, wish: Wish) {
  const world = makeWorld(there)
  const resources = [careful(world, wish)]
  const plan = await makePlan(resources, world.outside, { site: 's', concurrency: 2 })
  const report = await applyPlan(plan, resources, world.outside, NO_PAUSE)
  return { world, plan, report, step: report.steps[0] }
}

describe('engine/precaution', () => {
  it('comes before the update, and stands in the plan', async () => {
    const { world, plan, step } = await run({ [ID]: { size: '0' } }, { says: ['snapshot first'] })
    assert.equal(plan.steps[0]?.precaution, 'snapshot first')
    assert.deepEqual(world.actions, [`precaution ${ID}`, `update ${ID}`])
    assert.equal(step?.outcome, 'done')
  })

  for (const [what, there] of [
    ['a new thing', {}],
    ['what is as wanted', { [ID]: { size: '1' } }],
  ] as const)
    it(`is not for ${what}`, async () => {
      const { world, plan } = await run(there, { says: ['snapshot first'] })
      assert.equal(plan.steps[0]?.precaution, undefined)
      assert.ok(!world.actions.includes(`precaution ${ID}`))
    })

  it('is done once, however often the update is tried', async () => {
    let tries = 0
    const before = (verb: string) => {
      tries += 1
      if (verb === 'update' && tries === 1) throw new OrionError('busy', { code: 'E_PVE_BUSY', recheck: true })
    }
    const { world, step } = await run({ [ID]: { size: '0' } }, { says: ['snapshot first'], before })
    assert.deepEqual(world.actions, [`precaution ${ID}`, `update ${ID}`, `update ${ID}`])
    assert.equal(step?.outcome, 'done')
  })

  it('that fails stops the update', async () => {
    const { world, step } = await run({ [ID]: { size: '0' } }, { says: ['snapshot first'], fails: true })
    assert.deepEqual(world.actions, [`precaution ${ID}`])
    assert.equal(step?.error?.code, 'E_TASK')
    assert.deepEqual(world.there.get(ID), { size: '0' })
  })

  for (const says of [
    ['snapshot first', 'no snapshot: tank cannot'],
    ['snapshot first', undefined],
    [undefined, 'snapshot first'],
  ])
    it(`that is another one than was shown (${says.map(String).join(', then ')}) changes nothing`, async () => {
      const { world, step } = await run({ [ID]: { size: '0' } }, { says })
      assert.deepEqual(world.actions, [])
      assert.equal(step?.error?.code, 'E_PLAN_STALE')
    })

  it('a thing that became as wanted meanwhile is not updated', async () => {
    const world = makeWorld({ [ID]: { size: '0' } })
    const resource = careful(world, { says: ['snapshot first'] })
    const meanwhile: Resource<Fields> = {
      ...resource,
      precaution: { plan: async () => 'snapshot first', take: async () => void world.there.set(ID, { size: '1' }) },
    }
    const plan = await makePlan([meanwhile], world.outside, { site: 's', concurrency: 2 })
    const report = await applyPlan(plan, [meanwhile], world.outside, NO_PAUSE)
    assert.deepEqual(world.actions, [])
    assert.equal(report.steps[0]?.outcome, 'done')
  })
})
