// A proof by observe and diff.
import assert from 'node:assert/strict'
import { asWanted } from '../../src/probes/as-wanted.ts'
import type { Difference, Resource } from '../../src/resource.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

const WAITS: Difference = { field: 'cores', have: '2', want: '4', waits: 'restart', hint: 'restart it' }
const PERSON: Difference = { field: 'node', want: 'n1', waits: 'operator', hint: 'move it' }
const TURN: Difference = { field: 'peer', want: 'up', waits: 'turn' }
const OTHER: Difference = { field: 'peer', want: 'up', waits: 'other' }
const REAL: Difference = { field: 'memory', have: '1', want: '2' }

const ROWS: readonly {
  title: string
  have: object | undefined
  differences: readonly Difference[]
  state: string
  seen: RegExp
}[] = [
  { title: 'as wanted', have: {}, differences: [], state: 'ok', seen: /^fine$/ },
  { title: 'absent', have: undefined, differences: [REAL], state: 'failed', seen: /absent/ },
  { title: 'different', have: {}, differences: [REAL, WAITS], state: 'failed', seen: /^memory 1, wanted 2$/ },
  { title: 'waiting for a person', have: {}, differences: [PERSON], state: 'warning', seen: /wanted n1/ },
  { title: 'waiting for its turn', have: {}, differences: [TURN], state: 'warning', seen: /^waiting: peer none/ },
  { title: 'waiting for another', have: {}, differences: [OTHER, TURN], state: 'warning', seen: /wanted up/ },
  { title: 'only waiting', have: {}, differences: [WAITS], state: 'warning', seen: /cores 2, wanted 4/ },
]

describe('probes/as-wanted', () => {
  for (const { title, have, differences, state, seen } of ROWS) {
    it(title, async () => {
      const never = () => assert.fail('a probe only reads')
      const resource: Resource<object> = {
        id: 'x:y/z',
        title: 'z',
        needs: [],
        observe: async () => have,
        diff: () => differences,
        create: never,
        update: never,
        remove: never,
      }
      const result = await asWanted(resource, 'fine').run(fakeCluster({}).outside)
      assert.equal(result.state, state)
      assert.match(result.seen, seen)
      assert.equal(result.hint !== undefined, state !== 'ok')
    })
  }
})
