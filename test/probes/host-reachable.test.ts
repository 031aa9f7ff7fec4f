// A host that answers over SSH, and one that does not.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import { hostReachable } from '../../src/probes/host-reachable.ts'
import { fakeHost } from '../resources/fake-host.ts'

describe('probes/host-reachable', () => {
  it('says at which address it answers', async () => {
    const { state, seen } = await hostReachable('n1').run(fakeHost().outside)
    assert.deepEqual([state, seen], ['ok', 'answers over ssh at 10.0.0.1'])
  })

  it('fails with what the connection says', async () => {
    const { host, outside } = fakeHost()
    const gone = { ...host, ends: () => Promise.reject(new OrionError('n1 is gone', { code: 'E_HOST_UNREACHABLE' })) }
    await assert.rejects(hostReachable('n1').run({ ...outside, host: async () => gone }), /n1 is gone/)
  })
})
