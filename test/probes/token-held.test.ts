// Whether the next run can do without an administrator.
import assert from 'node:assert/strict'
import { tokenHeld } from '../../src/probes/token-held.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'

const TOKEN = { id: 'orion@pve!orion', remedy: 'remove it and run again' }
const { outside } = fakeCluster({})

describe('probes/token-held', () => {
  it('held', async () => {
    const look = async () => ({ who: 'orion@pve!orion', held: true })
    assert.equal((await tokenHeld('Lab', TOKEN, look).run(outside)).state, 'ok')
  })

  it('not held: who works instead, and what to do', async () => {
    const look = async () => ({ who: 'root@pam!admin', held: false })
    const { state, seen, hint } = await tokenHeld('Lab', TOKEN, look).run(outside)
    assert.deepEqual([state, seen], ['warning', 'not here; this run works as root@pam!admin'])
    assert.match(hint ?? '', /remove it and run again/)
  })
})
