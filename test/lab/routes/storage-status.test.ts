import assert from 'node:assert/strict'
import { GIB } from '../../../src/lab/property.ts'
import { type Bench, openBench, type Row, root } from '../requests.ts'

const alpine = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'

describe('lab/routes/storage-status', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())
  const list = async (params: Row = {}, who = root) => {
    const rows = (await bench.send('GET /nodes/n1/storage', params, who)) as Row[]
    return rows.map(({ storage }) => storage)
  }

  it('lists what the node has, by content, name and state', async () => {
    await bench.send('POST /storage', { storage: 'far', type: 'dir', path: '/far', nodes: 'n2' })
    await bench.send('POST /storage', { storage: 'off', type: 'dir', path: '/off', disable: true })
    assert.deepEqual(await list(), ['local', 'local-zfs', 'data', 'off'])
    assert.deepEqual(await list({ enabled: true }), ['local', 'local-zfs', 'data'])
    assert.deepEqual(await list({ content: 'rootdir,import' }), ['local-zfs', 'data', 'off'])
    assert.deepEqual(await list({ storage: 'data' }), ['data'])
  })

  it('leaves out what the caller may not see', async () => {
    const { access } = bench.world.state
    access.users['a@pve'] = { enable: true }
    access.acl = [{ path: '/storage/data', kind: 'user', ugid: 'a@pve', role: 'PVEDatastoreUser', propagate: true }]
    assert.deepEqual(await list({}, { user: 'a@pve' }), ['data'])
  })

  it('counts room as it is taken and given back, on each node its own', async () => {
    const used = async (node: string) =>
      Number(((await bench.send(`GET /nodes/${node}/storage/local-zfs/status`)) as Row).used) / GIB
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, scsi0: 'local-zfs:4', scsi1: 'local-zfs:2' })
    await bench.finish('POST /nodes/n1/lxc', { vmid: 101, ostemplate: alpine, rootfs: 'local-zfs:1' })
    assert.deepEqual([await used('n1'), await used('n2')], [7, 0])
    await bench.finish('PUT /nodes/n1/qemu/100/resize', { disk: 'scsi0', size: '+1G' })
    await bench.finish('DELETE /nodes/n1/lxc/101')
    assert.equal(await used('n1'), 7)
    await bench.finish('DELETE /nodes/n1/qemu/100')
    assert.equal(await used('n1'), 0)
  })
})
