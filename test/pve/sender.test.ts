import assert from 'node:assert/strict'
import { getError, getStage } from './client.ts'
import { cut, sendData, startFakeServer } from './fake-server.ts'

describe('sender', () => {
  const { start, connect } = getStage()

  it('goes on to the next endpoint where nothing was sent, and stays there', async () => {
    const gone = await startFakeServer()
    await gone.close()
    const server = await start(sendData(null))
    const { cluster } = connect([gone, server])
    await cluster.api.pools.$post({ poolid: 'a' })
    await cluster.api.pools.$post({ poolid: 'b' })
    assert.equal(server.seen.length, 2)
  })

  it('says that nothing was sent where nobody listens', async () => {
    const gone = await startFakeServer()
    await gone.close()
    const error = await getError(connect([gone]).cluster.api.pools.$post({ poolid: 'a' }))
    assert.deepEqual([error.code, error.recheck], ['E_PVE_UNREACHABLE', false])
    assert.match(error.message, new RegExp(`127.0.0.1:${gone.port}: .*ECONNREFUSED`))
  })

  it('does not send a write to the next endpoint once it may have left', async () => {
    const [first, second] = [await start(cut), await start(sendData(null))]
    await getError(connect([first, second]).cluster.api.pools.$post({ poolid: 'a' }))
    assert.deepEqual([first.seen.length, second.seen.length], [1, 0])
  })
})
