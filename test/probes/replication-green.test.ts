// Copies on another node are proved by what their source says of the last ones.
import assert from 'node:assert/strict'
import { replicationGreen, type SeenReplication } from '../../src/probes/replication-green.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

const NOW = Date.parse('2026-03-14T12:00:00Z') / 1000
const GOOD: SeenReplication = { failures: 0, lastSync: NOW - 60, nextSync: NOW + 60, now: NOW }

const ROWS: readonly (readonly [string, SeenReplication | undefined, string, RegExp])[] = [
  ['in time', GOOD, 'ok', /^last copied 2026-03-14T11:59:00Z$/],
  ['never yet', { ...GOOD, lastSync: 0 }, 'ok', /first copy is still to come/],
  ['no job', undefined, 'warning', /^no job runs yet$/],
  ['failed', { ...GOOD, failures: 2, error: 'no route' }, 'warning', /^failed 2 times: no route$/],
  ['failed without a word', { ...GOOD, failures: 1 }, 'warning', /^failed once: no reason given$/],
  ['late', { ...GOOD, nextSync: NOW - 3601 }, 'warning', /^due since 2026-03-14T10:59:59Z$/],
]

describe('probes/replication-green', () => {
  for (const [title, seen, state, text] of ROWS)
    it(title, async () => {
      const place = { node: 'pve', vmid: 100, name: 'web', to: 'pve2' }
      const result = await replicationGreen(place, async () => seen).run(fakeCluster({}).outside)
      assert.equal(result.state, state)
      assert.match(result.seen, text)
    })
})
