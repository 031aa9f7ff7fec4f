// Real time, read back.
import assert from 'node:assert/strict'
import { realtime } from '../../src/probes/realtime.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

type Seen = Awaited<ReturnType<Parameters<typeof realtime>[1]>>
const WRONG = { field: 'scheduling of running floor', have: 'SCHED_OTHER', want: 'SCHED_FIFO 1' }

describe('probes/realtime', () => {
  const rows: [string, Seen, string, RegExp][] = [
    ['as wanted', { wanted: [4, 5], vcpus: 2, differences: [] }, 'ok', /^all 2 so$/],
    ['not started', undefined, 'ok', /does not run/],
    ['not running', undefined, 'unknown', /does not run/],
    [
      'not so',
      { wanted: [4, 5], vcpus: 2, differences: [WRONG] },
      'failed',
      /^scheduling of running floor: SCHED_OTHER, wanted SCHED_FIFO 1$/,
    ],
    ['too few', { wanted: [4, 5], vcpus: 1, differences: [] }, 'failed', /^1 virtual CPUs$/],
  ]
  for (const [title, seen, state, text] of rows)
    it(title, async () => {
      const probe = realtime({ node: 'n1', name: 'floor', started: title !== 'not started' }, async () => seen)
      const result = await probe.run(fakeCluster({}).outside)
      assert.equal(probe.id, 'realtime:n1/floor')
      assert.equal(result.state, state)
      assert.match(result.seen, text)
      assert.equal(result.hint !== undefined, state === 'failed')
    })
})
