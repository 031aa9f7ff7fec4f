// A run: parallel steps, failures, stale plans, looking again, Ctrl-C, removal.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type ApplyOptions, applyPlan } from '../../src/engine/apply.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import { makePlan } from '../../src/engine/plan.ts'
import { getExit, type Report } from '../../src/engine/report.ts'
import { type Code, OrionError } from '../../src/errors.ts'
import type { Note, Resource, ResourceId } from '../../src/resource.ts'
import { makeWorld, settle, thing, type World } from './fakes.ts'

const pause = async () => {}
const options: ApplyOptions = { concurrency: 8, pause }

async function run(world: World, things: readonly Resource[], more: Partial<ApplyOptions> = {}): Promise<Report> {
  const plan = await makePlan(things, world.outside, { site: 'test', concurrency: 8 })
  return applyPlan(plan, things, world.outside, { ...options, ...more })
}

const outcomes = ({ steps }: Report) => steps.map(({ id, outcome }) => `${id} ${outcome}`)
const getError = (report: Report, id: ResourceId) => report.steps.find((step) => step.id === id)?.error

describe('engine/apply', () => {
  it('makes it so in order, and a second run keeps everything', async () => {
    const world = makeWorld({ 'vm:a/2': { size: '7' }, 'vm:a/3': { size: '1' } })
    const things = [
      thing(world, 'vm:a/1', { needs: ['image:a/x'] }),
      thing(world, 'image:a/x'),
      thing(world, 'vm:a/2'),
      thing(world, 'vm:a/3'),
    ]
    const first = await run(world, things)
    assert.deepEqual(outcomes(first), ['image:a/x done', 'vm:a/1 done', 'vm:a/2 done', 'vm:a/3 kept'])
    assert.deepEqual(
      first.steps.map(({ verb }) => verb),
      ['create', 'create', 'update', 'keep'],
    )
    assert.deepEqual(first.steps[2]?.differences, [{ field: 'size', have: '7', want: '1' }])
    assert.deepEqual(first.counts, { done: 3, kept: 1, failed: 0, blocked: 0, interrupted: 0, 'not-tried': 0 })
    assert.ok(world.actions.indexOf('create image:a/x') < world.actions.indexOf('create vm:a/1'))
    assert.equal(getExit(first), 0)
    assert.deepEqual(JSON.parse(JSON.stringify(first)), first)
    world.actions.length = 0
    assert.deepEqual(new Set((await run(world, things)).steps.map(({ outcome }) => outcome)), new Set(['kept']))
    assert.deepEqual(world.actions, [])
  })

  it('runs at once what can, within the limit of a place', async () => {
    const world = makeWorld()
    const active = new Map<string, number>()
    const most = new Map<string, number>()
    const add = (place: string, number: number) => {
      const now = (active.get(place) ?? 0) + number
      active.set(place, now)
      most.set(place, Math.max(most.get(place) ?? 0, now))
    }
    const before = (place: string) => async () => {
      for (const name of [place, 'all']) add(name, 1)
      await settle()
      for (const name of [place, 'all']) add(name, -1)
    }
    const places = ['a', 'b', 'c'].flatMap((place) => Array.from({ length: 6 }, (_, at) => [place, at] as const))
    const things = places.map(([place, at]) => thing(world, `vm:${place}/${at}`, { before: before(place) }))
    const report = await run(world, things, { concurrency: 5, perPlace: 2 })
    assert.equal(report.counts.done, 18)
    assert.deepEqual(Object.fromEntries(most), { a: 2, b: 2, c: 2, all: 5 })
  })

  it('without a word about it, four at once on one place', async () => {
    const world = makeWorld()
    const load = { now: 0, most: 0 }
    const before = async () => {
      load.now += 1
      load.most = Math.max(load.most, load.now)
      await settle()
      load.now -= 1
    }
    const things = Array.from({ length: 9 }, (_, at) => thing(world, `vm:a/${at}`, { before }))
    await run(world, things)
    assert.equal(load.most, 6)
  })

  it('a failed step stops only what needs it, and names the culprit', async () => {
    const world = makeWorld()
    const before = () => Promise.reject(new OrionError('no room', { code: 'E_TASK', suggestions: ['make room'] }))
    const things = [
      thing(world, 'image:a/x', { before }),
      thing(world, 'vm:a/1', { needs: ['image:a/x'] }),
      thing(world, 'vm:a/2', { needs: ['vm:a/1'] }),
      thing(world, 'vm:a/3'),
    ]
    const report = await run(world, things)
    assert.deepEqual(outcomes(report), ['image:a/x failed', 'vm:a/1 blocked', 'vm:a/2 blocked', 'vm:a/3 done'])
    assert.deepEqual(getError(report, 'image:a/x'), { code: 'E_TASK', message: 'no room', suggestions: ['make room'] })
    assert.deepEqual(
      report.steps.map(({ blockedBy }) => blockedBy),
      [undefined, 'image:a/x', 'image:a/x', undefined],
    )
    assert.equal(getExit(report), 1)
  })

  const stale: [string, (world: World) => void, Record<string, string> | undefined, string][] = [
    ['another value by now', ({ there }) => there.set('vm:a/1', { size: '3' }), { size: '2' }, 'size 3 → 1'],
    ['gone by now', ({ there }) => there.delete('vm:a/1'), { size: '2' }, 'it is gone'],
    [
      'created by somebody',
      ({ there }) => there.set('vm:a/1', { size: '2' }),
      undefined,
      'it was created by somebody else',
    ],
  ]
  for (const [name, change, have, text] of stale) {
    it(`refuses a stale plan: ${name}`, async () => {
      const world = makeWorld(have ? { 'vm:a/1': have } : {})
      const things = [thing(world, 'vm:a/1')]
      const plan = await makePlan(things, world.outside, { site: 'test', concurrency: 1 })
      change(world)
      const report = await applyPlan(plan, things, world.outside, options)
      assert.equal(getError(report, 'vm:a/1')?.code, 'E_PLAN_STALE')
      assert.ok(getError(report, 'vm:a/1')?.message.endsWith(text))
      assert.deepEqual(world.actions, [])
    })
  }

  it('fewer differences than shown are fine, and none left is kept', async () => {
    const world = makeWorld({ 'vm:a/1': { a: '9', b: '9' }, 'vm:a/2': { a: '9' } })
    const things = [thing(world, 'vm:a/1', { want: { a: '1', b: '1' } }), thing(world, 'vm:a/2', { want: { a: '1' } })]
    const plan = await makePlan(things, world.outside, { site: 'test', concurrency: 1 })
    world.there.set('vm:a/1', { a: '1', b: '9' }).set('vm:a/2', { a: '1' })
    const report = await applyPlan(plan, things, world.outside, options)
    assert.deepEqual(outcomes(report), ['vm:a/1 done', 'vm:a/2 kept'])
    assert.deepEqual(report.steps[0]?.differences, [{ field: 'b', have: '9', want: '1' }])
  })

  it('a difference that an earlier step of this run explains is followed, also through a kept one', async () => {
    const world = makeWorld({ 'a:x/1': { size: '2' }, 'b:x/1': { size: '1' }, 'c:x/1': { size: '1' } })
    const after = () => void world.there.set('c:x/1', { size: '5' })
    const things = [
      thing(world, 'a:x/1', { after }),
      thing(world, 'b:x/1', { needs: ['a:x/1'] }),
      thing(world, 'c:x/1', { needs: ['b:x/1'] }),
    ]
    const report = await run(world, things)
    assert.deepEqual(outcomes(report), ['a:x/1 done', 'b:x/1 kept', 'c:x/1 done'])
    assert.equal(report.steps[2]?.verb, 'update')
  })

  it('a change that does not stay is E_NOT_CONVERGED, with the field', async () => {
    const world = makeWorld()
    const after = () => void world.there.set('vm:a/1', { size: '1M' })
    const report = await run(world, [thing(world, 'vm:a/1', { after })])
    assert.equal(getError(report, 'vm:a/1')?.code, 'E_NOT_CONVERGED')
    assert.match(getError(report, 'vm:a/1')?.message ?? '', /size 1M → 1$/)
  })

  it('what waits is no lack of convergence, and is reported', async () => {
    const world = makeWorld({ 'vm:a/1': { a: '2', cores: '2' } })
    const after = () => void world.there.set('vm:a/1', { a: '1', cores: '2' })
    const report = await run(world, [
      thing(world, 'vm:a/1', { want: { a: '1', cores: '4' }, waits: { cores: 'restart' }, after }),
    ])
    assert.deepEqual(outcomes(report), ['vm:a/1 done'])
    assert.deepEqual(report.steps[0]?.waits, [{ field: 'cores', have: '2', want: '4', waits: 'restart' }])
  })

  it('an immutable difference that shows up late is refused', async () => {
    const world = makeWorld()
    const things = [thing(world, 'vm:a/1', { immutable: ['size'] })]
    const plan = await makePlan(things, world.outside, { site: 'test', concurrency: 1 })
    world.there.set('vm:a/1', { size: '9' })
    const report = await applyPlan(plan, things, world.outside, options)
    assert.equal(getError(report, 'vm:a/1')?.code, 'E_IMMUTABLE')
  })

  it('a plan with a problem changes nothing', async () => {
    const world = makeWorld({ 'vm:a/1': { size: '2' } })
    const things = [thing(world, 'vm:a/1', { immutable: ['size'] }), thing(world, 'vm:a/2')]
    await assert.rejects(run(world, things), { code: 'E_PLAN' })
    assert.deepEqual(world.actions, [])
  })

  it('a plan of other resources is refused', async () => {
    const world = makeWorld()
    const plan = await makePlan([thing(world, 'vm:a/1')], world.outside, { site: 'test', concurrency: 1 })
    await assert.rejects(applyPlan(plan, [], world.outside, options), { code: 'E_PLAN' })
  })

  describe('after an error with recheck', () => {
    const lost = new OrionError('no answer', { code: 'E_PVE_LOST', recheck: true })
    const failTimes = (times: number, error: Error) => {
      let left = times
      return () => {
        left -= 1
        if (left >= 0) throw error
      }
    }

    it('what took effect is not done twice', async () => {
      const world = makeWorld()
      const report = await run(world, [thing(world, 'vm:a/1', { after: failTimes(1, lost) })])
      assert.deepEqual(world.actions, ['create vm:a/1'])
      assert.deepEqual([report.steps[0]?.outcome, report.steps[0]?.verb], ['done', 'create'])
    })

    it('what did not take effect is done, after a new look', async () => {
      const world = makeWorld()
      const report = await run(world, [thing(world, 'vm:a/1', { before: failTimes(2, lost) })])
      assert.deepEqual(world.actions, Array(3).fill('create vm:a/1'))
      assert.equal(report.counts.done, 1)
    })

    it('what took effect in part is updated', async () => {
      const world = makeWorld()
      const fail = failTimes(1, lost)
      const before = () => {
        if (world.actions.length === 1) world.there.set('vm:a/1', { a: '1' })
        fail()
      }
      const report = await run(world, [thing(world, 'vm:a/1', { want: { a: '1', b: '1' }, before })])
      assert.deepEqual(world.actions, ['create vm:a/1', 'update vm:a/1'])
      assert.equal(report.counts.done, 1)
    })

    it('gives up after four more looks', async () => {
      const world = makeWorld()
      const pauses: number[] = []
      const wait = async (ms: number) => void pauses.push(ms)
      const report = await run(world, [thing(world, 'vm:a/1', { before: failTimes(99, lost) })], { pause: wait })
      assert.equal(world.actions.length, 5)
      assert.equal(getError(report, 'vm:a/1')?.code, 'E_PVE_LOST')
      assert.equal(pauses.length, 4)
      assert.ok(pauses.every((ms, at) => ms >= 500 * 2 ** at && ms <= 1500 * 2 ** at))
    })

    it('any other error is not looked into', async () => {
      const world = makeWorld()
      const report = await run(world, [thing(world, 'vm:a/1', { before: failTimes(1, new Error('a bug')) })])
      assert.equal(world.actions.length, 1)
      assert.equal(getError(report, 'vm:a/1')?.message, 'Error: a bug')
    })

    it('Ctrl-C ends the waiting at once', async () => {
      const world = makeWorld()
      const before = () => {
        setImmediate(() => world.abort.abort())
        throw lost
      }
      const things = [thing(world, 'vm:a/1', { before })]
      const plan = await makePlan(things, world.outside, { site: 'test', concurrency: 1 })
      const report = await applyPlan(plan, things, world.outside, { concurrency: 1 })
      assert.deepEqual(outcomes(report), ['vm:a/1 interrupted'])
    })
  })

  describe('on Ctrl-C', () => {
    const waitForAbort = ({ abort }: World) =>
      new Promise<never>((_, reject) => {
        const stop = () => reject(new OrionError('stopped waiting', { code: 'E_INTERRUPTED' }))
        abort.signal.addEventListener('abort', stop, { once: true })
      })

    it('nothing new starts, running tasks are named, and the next run converges', async () => {
      const world = makeWorld()
      const before = async (_: string, note: Note) => {
        note({ kind: 'task', upid: 'UPID:a:ended', state: 'running' })
        note({ kind: 'task', upid: 'UPID:a:ended', state: 'ended' })
        note({ kind: 'task', upid: 'UPID:a:running', state: 'running' })
        if (!world.abort.signal.aborted) await waitForAbort(world)
      }
      const things = [
        thing(world, 'vm:a/1', { title: 'router', before }),
        thing(world, 'vm:a/2'),
        thing(world, 'vm:b/3', { needs: ['vm:a/1'] }),
      ]
      const plan = await makePlan(things, world.outside, { site: 'test', concurrency: 1 })
      const running = applyPlan(plan, things, world.outside, { ...options, concurrency: 1 })
      await settle()
      world.abort.abort()
      const report = await running
      assert.deepEqual(outcomes(report), ['vm:a/1 interrupted', 'vm:a/2 not-tried', 'vm:b/3 not-tried'])
      assert.deepEqual(report.running, [{ upid: 'UPID:a:running', id: 'vm:a/1', title: 'router' }])
      assert.deepEqual([report.interrupted, getExit(report)], [true, 130])
      assert.deepEqual(world.actions, ['create vm:a/1'])
      const again = makeWorld(Object.fromEntries(world.there))
      const rest = things.map(({ id, needs }) => thing(again, id, { needs }))
      assert.equal((await run(again, rest)).counts.done, 3)
    })

    it('after the last step it changes nothing any more', async () => {
      const world = makeWorld()
      const report = await run(world, [thing(world, 'vm:a/1', { after: () => undefined })])
      world.abort.abort()
      assert.deepEqual([report.interrupted, getExit(report)], [false, 0])
    })
  })

  it('tells its events in order, with warnings and notes in the report', async () => {
    const world = makeWorld()
    const events: EngineEvent[] = []
    const before = (_: string, note: Note) => {
      note({ kind: 'info', text: 'copying' })
      note({ kind: 'warning', text: 'slow disk' })
    }
    const things = [thing(world, 'vm:a/1', { before }), thing(world, 'vm:a/2', { want: {} })]
    world.there.set('vm:a/2', {})
    const report = await run(world, things, { on: (event) => events.push(event) })
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['apply-started', 'step-started', 'step-news', 'step-news', 'step-ended'],
    )
    assert.deepEqual([report.steps[0]?.warnings, report.steps[0]?.notes], [['slow disk'], ['copying']])
    assert.equal(events[0]?.kind === 'apply-started' && events[0].total, 1)
  })

  it('drops what was read before: at the start, and after each change', async () => {
    const world = makeWorld()
    await run(world, [thing(world, 'vm:a/1'), thing(world, 'vm:a/2')])
    assert.equal(world.forgets, 3)
  })

  it('a listener that throws ends the run with its error', async () => {
    const world = makeWorld()
    const on = ({ kind }: EngineEvent) => {
      if (kind === 'step-started') throw new Error('a bug in the view')
    }
    await assert.rejects(run(world, [thing(world, 'vm:a/1')], { on }), { message: 'a bug in the view' })
  })

  it('in any graph: needs first, each action at most once, and everything ends', async () => {
    const graphs = fc.array(fc.record({ needs: fc.array(fc.nat(20), { maxLength: 3 }), fails: fc.boolean() }), {
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(graphs, async (rows) => {
        const world = makeWorld()
        const fail = () => Promise.reject(new OrionError('no', { code: 'E_TASK' satisfies Code }))
        const things = rows.map(({ needs, fails }, at) =>
          thing(world, `a:n${at % 3}/${at}`, {
            needs: needs.filter((need) => need < at).map((need): ResourceId => `a:n${need % 3}/${need}`),
            ...(fails ? { before: fail } : {}),
          }),
        )
        const report = await run(world, things, { concurrency: 3, perPlace: 1 })
        const ends = new Map(report.steps.map((step) => [step.id, step.outcome]))
        assert.equal(ends.size, things.length)
        assert.equal(new Set(world.actions).size, world.actions.length)
        for (const [at, { id, needs }] of things.entries()) {
          const met = needs.every((need) => ends.get(need) === 'done')
          assert.equal(ends.get(id), met ? (rows[at]?.fails ? 'failed' : 'done') : 'blocked')
        }
      }),
      { numRuns: 60 },
    )
  })

  it('two thousand steps, in a chain or side by side, cost in proportion', async () => {
    for (const chained of [false, true]) {
      const world = makeWorld()
      const looks = { count: 0 }
      const look = () => {
        looks.count += 1
      }
      const things = Array.from({ length: 2000 }, (_, at) =>
        thing(world, `vm:n${at % 50}/${at}`, {
          look,
          needs: chained && at > 0 ? [`vm:n${(at - 1) % 50}/${at - 1}`] : [],
        }),
      )
      assert.equal((await run(world, things)).counts.done, 2000)
      assert.equal(looks.count, 3 * 2000)
    }
  })

  it('a chain of 20,000 that is blocked does not overflow the stack', async () => {
    const world = makeWorld()
    const before = () => Promise.reject(new Error('no'))
    const things = Array.from({ length: 20_000 }, (_, at) =>
      thing(world, `a:x/${at}`, at === 0 ? { before } : { needs: [`a:x/${at - 1}`] }),
    )
    assert.equal((await run(world, things)).counts.blocked, 19_999)
  })
})
