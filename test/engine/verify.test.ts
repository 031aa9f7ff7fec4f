// Probes: parallel, and what is not proved is not ok.
import assert from 'node:assert/strict'
import type { EngineEvent } from '../../src/engine/events.ts'
import { runProbes } from '../../src/engine/verify.ts'
import { OrionError } from '../../src/errors.ts'
import type { Probe, ProbeResult } from '../../src/resource.ts'
import { makeWorld, settle } from './fakes.ts'

const options = { site: 'test', concurrency: 3 }
const probe = (state: ProbeResult['state']): Probe => ({
  id: `is:${state}`,
  title: `is ${state}`,
  run: async () => ({ state, expected: 'this', seen: 'that', hint: 'do it' }),
})

describe('engine/verify', () => {
  const rows: [ProbeResult['state'][], boolean][] = [
    [[], true],
    [['ok'], true],
    [['ok', 'warning'], true],
    [['ok', 'unknown'], false],
    [['ok', 'failed'], false],
  ]
  for (const [states, ok] of rows) {
    it(`[${states}] is ${ok ? '' : 'not '}ok`, async () => {
      const report = await runProbes(states.map(probe), makeWorld().outside, options)
      assert.equal(report.ok, ok)
      assert.deepEqual(
        report.probes.map(({ state }) => state),
        states,
      )
    })
  }

  it('a probe that throws has failed, with its message and what to try', async () => {
    const error = new OrionError('the API is gone', { code: 'E_PVE_UNREACHABLE', suggestions: ['switch it on'] })
    const bad: Probe = { id: 'bad', title: 'bad', run: () => Promise.reject(error) }
    const { probes, counts } = await runProbes([bad, probe('ok')], makeWorld().outside, options)
    assert.deepEqual(
      { ...probes[0], ms: 0 },
      {
        id: 'bad',
        title: 'bad',
        state: 'failed',
        expected: 'the check runs',
        seen: 'the API is gone',
        hint: 'switch it on',
        looks: 1,
        ms: 0,
      },
    )
    assert.deepEqual(counts, { ok: 1, warning: 0, failed: 1, unknown: 0 })
  })

  it('runs them at once within the limit, on fresh reads, and tells of each', async () => {
    const world = makeWorld()
    const events: EngineEvent[] = []
    const load = { now: 0, most: 0 }
    const run = async (): Promise<ProbeResult> => {
      load.now += 1
      load.most = Math.max(load.most, load.now)
      await settle()
      load.now -= 1
      return { state: 'ok', expected: '', seen: '' }
    }
    const probes = Array.from({ length: 10 }, (_, at): Probe => ({ id: `${at}`, title: `${at}`, run }))
    await runProbes(probes, world.outside, { ...options, on: (event) => events.push(event) })
    assert.deepEqual([load.most, world.forgets], [3, 1])
    assert.equal(events.filter(({ kind }) => kind === 'probe-ended').length, 10)
  })

  it('ends with E_INTERRUPTED on abort', async () => {
    const world = makeWorld()
    world.abort.abort()
    await assert.rejects(runProbes([probe('ok')], world.outside, options), { code: 'E_INTERRUPTED' })
  })
})
