import assert from 'node:assert/strict'
import { getError, getStage } from './client.ts'
import { cut, inTurn, type Reply, sendData, sendError, silent } from './fake-server.ts'

describe('lost', () => {
  const { connect, start } = getStage()

  it('never sends a write again after it was cut, and asks to look again', async () => {
    const server = await start(cut)
    const error = await getError(connect([server, server]).cluster.api.pools.$post({ poolid: 'a' }))
    assert.deepEqual([error.code, error.recheck], ['E_PVE_LOST', true])
    assert.equal(server.seen.length, 1)
  })

  it('cut in the middle of the answer to a write: lost as well', async () => {
    const server = await start((response, _seen, socket) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
      response.write('{"data":')
      setTimeout(() => socket.destroy(), 5)
    })
    assert.equal((await getError(connect([server]).cluster.api.pools.$post({ poolid: 'a' }))).code, 'E_PVE_LOST')
    assert.equal(server.seen.length, 1)
  })

  const transient: readonly [string, Reply][] = [
    ['a cut', cut],
    ...[502, 503, 504, 595, 596, 599].map((status): [string, Reply] => [
      String(status),
      sendError(status, 'Broken pipe'),
    ]),
  ]
  for (const [name, failure] of transient) {
    it(`tries a read again after ${name}`, async () => {
      const server = await start(inTurn(failure, failure, sendData({ version: '9.1.4' })))
      assert.equal((await connect([server]).cluster.version()).text, '9.1.4')
      assert.equal(server.seen.length, 3)
    })
  }

  it('gives up a read after some tries', async () => {
    const server = await start(sendError(595, 'Connection refused'))
    const error = await getError(connect([server]).cluster.api.nodes.$('pve2').qemu.$get())
    assert.deepEqual([error.code, error.recheck], ['E_PVE_UNREACHABLE', false])
    assert.match(error.message, /GET \/nodes\/pve2\/qemu → 595: Connection refused/)
    assert.equal(server.seen.length, 4)
  })

  for (const [status, code] of [
    [595, 'E_PVE_UNREACHABLE'],
    [596, 'E_PVE_LOST'],
    [504, 'E_PVE_LOST'],
  ] as const) {
    it(`a write that is answered with ${status} is not repeated, and looked at again`, async () => {
      const server = await start(sendError(status, 'Connection timed out'))
      const error = await getError(connect([server]).cluster.api.pools.$post({ poolid: 'a' }))
      assert.deepEqual([error.code, error.recheck, server.seen.length], [code, true, 1])
    })
  }

  it('has one time limit over everything: silence, and an answer that stalls', async () => {
    const server = await start(
      inTurn(silent, (response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('{"data":')
      }),
    )
    const { cluster } = connect([server], { timeoutMs: 150 })
    for (let i = 0; i < 2; i += 1) {
      const error = await getError(cluster.api.pools.$post({ poolid: 'a' }))
      assert.deepEqual([error.code, error.recheck], ['E_PVE_LOST', true])
      assert.match(error.message, /within 0\.15 s/)
    }
    assert.equal(server.seen.length, 2)
  })
})
