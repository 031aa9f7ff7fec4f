// A node is proved by its cluster.
import assert from 'node:assert/strict'
import { nodeOnline } from '../../src/probes/node-online.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

const ROWS: readonly { rows: readonly object[]; state: string; seen: string }[] = [
  { rows: [{ node: 'n1', status: 'online' }], state: 'ok', seen: 'online' },
  { rows: [{ node: 'n1', status: 'offline' }], state: 'failed', seen: 'offline' },
  { rows: [{ node: 'pve', status: 'online' }], state: 'failed', seen: 'not a node of the cluster' },
]

describe('probes/node-online', () => {
  for (const { rows, state, seen } of ROWS) {
    it(seen, async () => {
      const result = await nodeOnline('n1').run(fakeCluster({ 'GET /nodes': rows }).outside)
      assert.deepEqual([result.state, result.seen], [state, seen])
    })
  }
})
