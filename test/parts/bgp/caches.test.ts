// The caches as BIRD tells them: over recorded answers of three versions.
import assert from 'node:assert/strict'
import { cachesOf } from '../../../src/parts/bgp/caches.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import { RECORDED, recorded, saying } from './birdc-fixtures.ts'

describe('parts/bgp/caches', () => {
  for (const version of RECORDED)
    it(version, () => {
      const commands = new Map([['bird-protocols', saying(recorded(version, 'protocols'))]])
      const rows = cachesOf({ ...NOTHING, commands })
      assert.ok(rows.length > 0)
      for (const { address, port, state } of rows) assert.ok(address !== '' && /^\d+$/.test(port) && state !== '')
    })

  it('are none where BIRD does not answer', () => assert.deepEqual(cachesOf(NOTHING), []))
})
