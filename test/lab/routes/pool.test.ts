import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

describe('lab/routes/pool', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.send('POST /pools', { poolid: 'p', comment: 'c' })
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100 })
  })
  afterEach(() => bench.close())

  const members = async () => ((await bench.send('GET /pools/p')) as { members: Row[] }).members.map(({ id }) => id)

  it('takes guests and storages in, and lets them go', async () => {
    await bench.send('PUT /pools', { poolid: 'p', vms: '100', storage: ['data'] })
    assert.deepEqual(await members(), ['qemu/100', 'storage/data'])
    assert.equal(await bench.refusal('DELETE /pools/p'), "500 pool 'p' is not empty\n")
    await bench.send('PUT /pools/p', { delete: true, vms: '100', storage: ['data'] })
    assert.deepEqual(await members(), [])
    await bench.send('DELETE /pools', { poolid: 'p' })
    assert.deepEqual(await bench.send('GET /pools'), [])
  })

  it('has a guest that was made in it', async () => {
    await bench.finish('POST /nodes/n1/qemu', { vmid: 101, pool: 'p' })
    assert.deepEqual(await members(), ['qemu/101'])
  })

  it('takes a guest of another pool only when that is wanted', async () => {
    await bench.send('PUT /pools/p', { vms: '100' })
    await bench.send('POST /pools', { poolid: 'q' })
    assert.match(await bench.refusal('PUT /pools/q', { vms: '100' }), /belongs already to pool 'p'/)
    await bench.send('PUT /pools/q', { vms: '100', 'allow-move': true })
    assert.deepEqual(await members(), [])
  })

  it('refuses what is not there, or there already', async () => {
    assert.equal(await bench.refusal('POST /pools', { poolid: 'p' }), "500 pool 'p' already exists\n")
    assert.equal(await bench.refusal('PUT /pools/x', {}), "500 pool 'x' does not exist\n")
    assert.equal(await bench.refusal('PUT /pools/p', { vms: '999' }), '500 VM 999 does not exist\n')
  })
})
