// Looking again: what is not green yet is asked until it is or the deadline comes; what is, or never will be, once.
import assert from 'node:assert/strict'
import type { EngineEvent } from '../../src/engine/events.ts'
import { type PlacedProbe, runProbes } from '../../src/engine/verify.ts'
import { OrionError } from '../../src/errors.ts'
import type { ProbeResult } from '../../src/resource.ts'
import { makeWorld, settle } from './fakes.ts'

const LONG_MS = 60_000
const result = (state: ProbeResult['state'], more: Partial<ProbeResult> = {}): ProbeResult => ({
  state,
  expected: 'this',
  seen: state,
  ...more,
})

/** A check that gives one result after another, the last one for ever. */
function probe(id: string, ...results: (ProbeResult | Error)[]): PlacedProbe {
  let at = 0
  const run = async (): Promise<ProbeResult> => {
    const now = results[Math.min(at, results.length - 1)]
    at += 1
    if (now instanceof Error || now === undefined) throw now
    return now
  }
  return { id, title: id, run }
}

const SETTLING = result('failed', { settles: true })

async function verify(probes: readonly PlacedProbe[], withinMs?: number) {
  const world = makeWorld()
  const events: EngineEvent[] = []
  const options = { site: 'test', concurrency: 4, on: (event: EngineEvent) => void events.push(event) }
  const report = await runProbes(probes, world.outside, withinMs === undefined ? options : { ...options, withinMs })
  const ended = events.flatMap((event) => (event.kind === 'probe-ended' ? [`${event.id} ${event.state}`] : []))
  const again = events.flatMap((event) => (event.kind === 'verify-again' ? [event.waiting] : []))
  return { report, ended, again, forgets: world.forgets }
}

describe('engine/looks', () => {
  const lost = new OrionError('gone', { code: 'E_HOST_UNREACHABLE' })
  const denied = new OrionError('no', { code: 'E_PVE_DENIED' })
  const ROWS: readonly { title: string; results: (ProbeResult | Error)[]; state: string; looks: number }[] = [
    { title: 'green at once', results: [result('ok')], state: 'ok', looks: 1 },
    { title: 'red that stays red', results: [result('failed'), result('ok')], state: 'failed', looks: 1 },
    { title: 'red that becomes green', results: [SETTLING, SETTLING, result('ok')], state: 'ok', looks: 3 },
    { title: 'red that becomes red for good', results: [SETTLING, result('failed')], state: 'failed', looks: 2 },
    {
      title: 'a warning that goes',
      results: [result('warning', { settles: true }), result('ok')],
      state: 'ok',
      looks: 2,
    },
    { title: 'green is green, whatever it says', results: [result('ok', { settles: true })], state: 'ok', looks: 1 },
    { title: 'a host that comes back', results: [lost, result('ok')], state: 'ok', looks: 2 },
    { title: 'a refusal', results: [denied, result('ok')], state: 'failed', looks: 1 },
  ]
  for (const { title, results, state, looks } of ROWS) {
    it(`${title}: ${state} after ${looks}`, async () => {
      const { report, ended, again, forgets } = await verify([probe('one', ...results)], LONG_MS)
      const [step] = report.probes
      assert.deepEqual([step?.state, step?.looks], [state, looks])
      assert.deepEqual(ended, [`one ${state}`], 'told once')
      assert.deepEqual([again.length, forgets], [looks - 1, looks], 'each round on fresh reads')
      assert.ok(step && !('settles' in step))
    })
  }

  it('without a deadline each is looked at once', async () => {
    const { report, again } = await verify([probe('one', SETTLING)])
    assert.deepEqual([report.probes[0]?.looks, again], [1, []])
  })

  it('ends at the deadline, with what was seen last', async () => {
    const { report, ended } = await verify([probe('never', SETTLING), probe('fine', result('ok'))], 2_000)
    assert.ok((report.probes[0]?.looks ?? 0) > 1)
    assert.ok(report.ms < 10_000)
    assert.deepEqual(ended, ['fine ok', 'never failed'])
    assert.equal(report.ok, false)
  })

  it('a look that takes longer than what is left is not begun again', async () => {
    let looks = 0
    const run = async (): Promise<ProbeResult> => {
      looks += 1
      await new Promise((resolve) => setTimeout(resolve, 60))
      return SETTLING
    }
    await verify([{ id: 'slow', title: 'slow', run }], 50)
    assert.equal(looks, 1)
  })

  it('only what is not green is asked again', async () => {
    const { report, again } = await verify(
      [probe('a', result('ok'), result('failed')), probe('b', SETTLING, result('ok')), probe('c', result('failed'))],
      LONG_MS,
    )
    assert.deepEqual(
      report.probes.map(({ id, state, looks }) => `${id} ${state} ${looks}`),
      ['a ok 1', 'b ok 2', 'c failed 1'],
    )
    assert.deepEqual(again, [1])
  })

  it('Ctrl-C ends the waiting', async () => {
    const world = makeWorld()
    const on = (event: EngineEvent) => (event.kind === 'verify-again' ? world.abort.abort() : undefined)
    const options = { site: 'test', concurrency: 4, withinMs: LONG_MS, on }
    await assert.rejects(runProbes([probe('one', SETTLING)], world.outside, options), { code: 'E_INTERRUPTED' })
  })

  it('a place has its own limit, and the others go on', async () => {
    const most = new Map<string, number>()
    const now = new Map<string, number>()
    const at = (place: string): PlacedProbe => ({
      ...{ id: place, title: place, place },
      run: async () => {
        now.set(place, (now.get(place) ?? 0) + 1)
        most.set(place, Math.max(most.get(place) ?? 0, now.get(place) ?? 0))
        await settle()
        now.set(place, (now.get(place) ?? 0) - 1)
        return result('ok')
      },
    })
    const probes = [...Array.from({ length: 8 }, () => at('n1')), at('n2')]
    await runProbes(probes, makeWorld().outside, { site: 'test', concurrency: 8, perPlace: 2 })
    assert.deepEqual([most.get('n1'), most.get('n2')], [2, 1])
  })

  it('part, place, hint and since come through', async () => {
    const since = '2026-01-01T00:00:00.000Z'
    const one = { ...probe('one', result('failed', { hint: 'do it', since })), part: 'vm', place: 'n1' }
    const { report } = await verify([one])
    const { ms, ...step } = report.probes[0] ?? { ms: -1 }
    assert.deepEqual(step, {
      ...{ id: 'one', title: 'one', part: 'vm', place: 'n1' },
      ...{ state: 'failed', expected: 'this', seen: 'failed', hint: 'do it', since, looks: 1 },
    })
    assert.ok(ms >= 0)
  })
})
