// The plan: verbs, problems, removal, and that it is plain data.
import assert from 'node:assert/strict'
import type { EngineEvent } from '../../src/engine/events.ts'
import {
  getPlanCounts,
  getPlanExit,
  isEmpty,
  makePlan,
  makeRemovalPlan,
  refuseProblems,
  type Verb,
} from '../../src/engine/plan.ts'
import { type Code, OrionError } from '../../src/errors.ts'
import { makeGate, makeWorld, type ThingOptions, thing } from './fakes.ts'

const options = { site: 'test', concurrency: 4 }

describe('engine/plan', () => {
  const rows: [string, Record<string, string> | undefined, ThingOptions, Verb, string, string][] = [
    ['absent', undefined, {}, 'create', 'size', ''],
    ['as wanted', { size: '1' }, {}, 'keep', '', ''],
    ['different', { size: '2' }, {}, 'update', 'size', ''],
    ['different, for a restart', { size: '2' }, { waits: { size: 'restart' } }, 'keep', '', 'size'],
    [
      'absent, a field that a person sets',
      undefined,
      { want: { a: '1', b: '2' }, waits: { b: 'operator' } },
      'create',
      'a',
      'b',
    ],
    ['different and immutable', { size: '2' }, { immutable: ['size'] }, 'problem', 'size', ''],
    ['absent, with an immutable field', undefined, { immutable: ['size'] }, 'create', 'size', ''],
  ]
  for (const [name, have, thingOptions, verb, differences, waits] of rows) {
    it(`${name}: ${verb}`, async () => {
      const world = makeWorld(have ? { 'vm:a/1': have } : {})
      const { steps } = await makePlan([thing(world, 'vm:a/1', thingOptions)], world.outside, options)
      assert.equal(steps[0]?.verb, verb)
      assert.equal(steps[0]?.differences.map(({ field }) => field).join(), differences)
      assert.equal(steps[0]?.waits.map(({ field }) => field).join(), waits)
      assert.deepEqual(world.actions, [])
    })
  }

  it('shows all problems at once, and the rest beside them', async () => {
    const world = makeWorld({ 'vm:a/2': { size: '9' } })
    const foreign = new OrionError('somebody else has it', { code: 'E_FOREIGN', suggestions: ['take another VMID'] })
    const look = () => Promise.reject(foreign)
    const things = [
      thing(world, 'vm:a/1', { look }),
      thing(world, 'vm:a/2', { immutable: ['size'] }),
      thing(world, 'vm:a/3'),
    ]
    const plan = await makePlan(things, world.outside, options)
    assert.deepEqual(
      plan.steps.map(({ verb }) => verb),
      ['problem', 'problem', 'create'],
    )
    assert.deepEqual(plan.steps[0]?.problem, {
      code: 'E_FOREIGN',
      message: foreign.message,
      suggestions: ['take another VMID'],
    })
    assert.equal(plan.steps[1]?.problem?.code, 'E_IMMUTABLE')
    assert.deepEqual(plan.steps[1]?.problem?.suggestions, ['move size by hand'])
    assert.throws(() => refuseProblems(plan), {
      code: 'E_PLAN',
      message: /2 problems\n {2}vm:a\/1: somebody.*\n {2}vm:a\/2: /,
    })
    assert.equal(isEmpty(plan), false)
    assert.deepEqual(getPlanCounts(plan), { create: 1, update: 0, keep: 0, remove: 0, problem: 2, waits: 0 })
  })

  it('is plain data, in the order of needs, with progress', async () => {
    const world = makeWorld()
    const events: EngineEvent[] = []
    const things = [thing(world, 'vm:a/1', { needs: ['image:a/x'] }), thing(world, 'image:a/x')]
    const plan = await makePlan(things, world.outside, { ...options, on: (event) => events.push(event) })
    assert.deepEqual(
      plan.steps.map(({ id }) => id),
      ['image:a/x', 'vm:a/1'],
    )
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
    assert.deepEqual(events.at(-1), { kind: 'plan-progress', done: 2, total: 2 })
  })

  it('with --only, needs outside are left out; else they are an error', async () => {
    const world = makeWorld()
    const things = [thing(world, 'vm:a/1', { needs: ['image:a/x'] })]
    const plan = await makePlan(things, world.outside, { ...options, partial: true })
    assert.deepEqual(plan.steps[0]?.needs, [])
    await assert.rejects(makePlan(things, world.outside, options), { code: 'E_PLAN' })
  })

  it('ends with E_INTERRUPTED on abort', async () => {
    const world = makeWorld()
    const gate = makeGate()
    const look = async () => {
      await gate.opened
      throw new Error('cut off')
    }
    const plan = makePlan([thing(world, 'vm:a/1', { look })], world.outside, options)
    world.abort.abort()
    gate.open()
    await assert.rejects(plan, { code: 'E_INTERRUPTED' })
  })

  const exits: [problems: Code[], changes: boolean, exit: number][] = [
    [[], false, 0],
    [[], true, 3],
    [['E_HOST_FACTS'], true, 4],
    [['E_HOST_FACTS', 'E_HOST_BUSY'], false, 4],
    [['E_HOST_FACTS', 'E_HOST_UNREACHABLE'], true, 1],
    [['E_FOREIGN'], true, 1],
    [['E_SECRET'], false, 1],
  ]
  for (const [problems, changes, exit] of exits) {
    it(`with ${problems.join(', ') || 'no problem'}${changes ? ' and a change' : ''} it exits ${exit}`, async () => {
      const world = makeWorld()
      const refuse = (code: Code) => async () => {
        throw new OrionError('no', { code })
      }
      const bad = problems.map((code, at) => thing(world, `vm:a/${at}`, { look: refuse(code) }))
      const plan = await makePlan(changes ? [...bad, thing(world, 'vm:a/9')] : bad, world.outside, options)
      assert.equal(getPlanExit(plan), exit)
    })
  }

  it('for removal: only what is there, and what needs it first', async () => {
    const world = makeWorld({ 'vm:a/1': {}, 'image:a/x': {} })
    const things = [thing(world, 'image:a/x'), thing(world, 'vm:a/1', { needs: ['image:a/x'] }), thing(world, 'vm:a/2')]
    const { steps, goal } = await makeRemovalPlan(things, world.outside, options)
    assert.equal(goal, 'absent')
    const lines = steps.map(({ id, verb, needs }) => `${verb} ${id} after [${needs}]`)
    assert.deepEqual(lines, ['keep vm:a/2 after []', 'remove vm:a/1 after []', 'remove image:a/x after [vm:a/1]'])
  })

  it('a thousand things are looked at within the limit', async () => {
    const world = makeWorld()
    let active = 0
    let most = 0
    const look = async () => {
      active += 1
      most = Math.max(most, active)
      await Promise.resolve()
      active -= 1
    }
    const things = Array.from({ length: 1000 }, (_, at) => thing(world, `vm:n${at % 7}/${at}`, { look }))
    await makePlan(things, world.outside, { ...options, concurrency: 6 })
    assert.ok(most <= 6 && most > 1, `${most} at once`)
  })
})
