// A storage is proved by what the node itself says.
import assert from 'node:assert/strict'
import { storageActive } from '../../src/probes/storage-active.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'
import { LOCAL } from '../resources/test-site.ts'

const HAVE = { storage: 'local', active: 1, content: 'vztmpl,iso,import,backup', type: 'dir' }

const ROWS: readonly { title: string; rows: readonly object[]; state: string; seen: RegExp }[] = [
  { title: 'active', rows: [HAVE], state: 'ok', seen: /^active/ },
  { title: 'not active', rows: [{ ...HAVE, active: 0 }], state: 'failed', seen: /not active/ },
  {
    title: 'without a content type',
    rows: [{ ...HAVE, content: 'iso' }],
    state: 'failed',
    seen: /without vztmpl, import/,
  },
  { title: 'absent', rows: [], state: 'failed', seen: /absent/ },
]

describe('probes/storage-active', () => {
  for (const { title, rows, state, seen } of ROWS) {
    it(title, async () => {
      const result = await storageActive('n1', LOCAL).run(fakeCluster({ 'GET /nodes/n1/storage': rows }).outside)
      assert.equal(result.state, state)
      assert.match(result.seen, seen)
    })
  }
})
