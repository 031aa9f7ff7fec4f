import assert from 'node:assert/strict'
import { parseVersion } from '../../src/pve/cluster.ts'
import { getStage } from './client.ts'
import { cut, inTurn, sendData, sendError } from './fake-server.ts'

const UPID = 'UPID:pve1:00001A2B:00ABCDEF:65F0C0DE:qmstart:100:orion@pve!orion:'

describe('cluster', () => {
  const { start, connect } = getStage()
  const getReads = async (reply = sendData(null)) => {
    const client = connect([await start(reply)])
    let reads = 0
    return { ...client, read: async () => await client.cluster.once('key', async () => (reads += 1)) }
  }

  it('asks for the version once', async () => {
    const server = await start(sendData({ version: '9.1.4' }))
    const { cluster } = connect([server])
    await Promise.all([cluster.version(), cluster.version()])
    assert.deepEqual(await cluster.version(), { major: 9, minor: 1, text: '9.1.4' })
    assert.equal(server.seen.length, 1)
  })

  it('asks again after it failed', async () => {
    const server = await start(inTurn(sendError(500, 'x'), sendData({ version: '9.1.4' })))
    const { cluster } = connect([server])
    await assert.rejects(cluster.version())
    assert.equal((await cluster.version()).minor, 1)
  })

  for (const [text, major, minor] of [
    ['8.4-1', 8, 4],
    ['9.0~beta1', 9, 0],
    ['10.12.3', 10, 12],
  ] as const) {
    it(`reads ${text}`, () => assert.deepEqual(parseVersion({ version: text }, 'site'), { major, minor, text }))
  }
  for (const answer of [null, {}, { version: 9 }, { version: 'nine' }]) {
    it(`refuses ${JSON.stringify(answer)}`, () =>
      assert.throws(() => parseVersion(answer, 'site'), { code: 'E_PVE_ANSWER' }))
  }

  it('once reads once, also for callers at the same time', async () => {
    const { read } = await getReads()
    assert.deepEqual(await Promise.all([read(), read()]), [1, 1])
    assert.equal(await read(), 1)
  })

  it('once reads again after forget, and after a read that failed', async () => {
    const { read, pve, cluster } = await getReads()
    await read()
    pve.forget()
    assert.equal(await read(), 2)
    await assert.rejects(cluster.once('other', async () => await Promise.reject(new Error('x'))))
    assert.equal(await cluster.once('other', async () => 'fine'), 'fine')
  })

  for (const [name, reply] of [
    ['that worked', sendData(null)],
    ['that was refused', sendError(500, 'x')],
    ['that was lost', cut],
  ] as const) {
    it(`once reads again after a write ${name}`, async () => {
      const { read, cluster } = await getReads(reply)
      await read()
      await cluster.api.pools.$post({ poolid: 'a' }).catch(() => undefined)
      assert.equal(await read(), 2)
    })
  }

  it('a read keeps what is known, a task does not', async () => {
    const { read, cluster } = await getReads(sendData({ status: 'stopped', exitstatus: 'OK' }))
    await read()
    await cluster.api.nodes.$get()
    assert.equal(await read(), 1)
    await cluster.task(UPID, () => undefined)
    assert.equal(await read(), 2)
  })

  it('a read from before a write is not kept after it', async () => {
    const { cluster } = await getReads()
    let end = (_: string) => {}
    const old = cluster.once('key', async () => await new Promise<string>((resolve) => (end = resolve)))
    await cluster.api.pools.$post({ poolid: 'a' })
    const fresh = cluster.once('key', async () => 'new')
    end('old')
    assert.deepEqual([await old, await fresh, await cluster.once('key', async () => 'never')], ['old', 'new', 'new'])
  })
})
