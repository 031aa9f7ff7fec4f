import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { getError, getStage } from './client.ts'
import { sendData, silent } from './fake-server.ts'

describe('stop', () => {
  const { add, connect, start } = getStage()

  it('ends a read at once', async () => {
    const server = await start(silent)
    const { cluster, abort } = connect([server])
    const work = getError(cluster.api.version.$get())
    while (server.seen.length === 0) await sleep(2)
    abort.abort()
    assert.equal((await work).code, 'E_INTERRUPTED')
  })

  it('lets a write that was sent be answered, and starts nothing new', async () => {
    const server = await start()
    const { cluster, abort } = connect([server], { concurrency: 1 })
    server.reply = (response, seen, socket) => {
      abort.abort()
      setTimeout(() => sendData('UPID')(response, seen, socket), 20)
    }
    const first = cluster.api.pools.$post({ poolid: 'a' })
    const second = getError(cluster.api.pools.$post({ poolid: 'b' }))
    assert.equal(await first, 'UPID')
    assert.equal((await second).code, 'E_INTERRUPTED')
    assert.equal((await getError(cluster.api.pools.$post({ poolid: 'c' }))).code, 'E_INTERRUPTED')
    assert.equal(server.seen.length, 1)
  })

  it('a write without an answer says that it may have happened', async () => {
    const server = await start(silent)
    const { cluster, abort, pve } = connect([server])
    const work = getError(cluster.api.pools.$post({ poolid: 'a' }))
    while (server.seen.length === 0) await sleep(2)
    abort.abort()
    await pve.close()
    const error = await work
    assert.deepEqual([error.code, error.recheck], ['E_INTERRUPTED', true])
  })

  it('close cuts a connection that is still being made', async function () {
    this.timeout(5000) // by itself it would end after 10 s
    // Accepts and says nothing: the TLS handshake never ends.
    const server = createServer()
    const accepted = new Promise<{ closed: Promise<unknown> }>((resolve) =>
      server.once('connection', (socket) =>
        resolve({ closed: new Promise((done) => socket.resume().on('error', done).once('close', done)) }),
      ),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    add({ close: async () => await new Promise((resolve) => server.close(resolve)) })
    const { cluster, pve } = connect([{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }], {
      timeoutMs: 60_000,
    })
    const work = getError(cluster.version())
    const { closed } = await accepted
    await pve.close()
    assert.equal((await work).code, 'E_INTERRUPTED')
    await closed
  })
})
