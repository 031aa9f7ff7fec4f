import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

describe('lab/routes/storage', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const show = async (name: string) => {
    const { digest: _, ...config } = (await bench.send(`GET /storage/${name}`)) as Row
    return config
  }

  it('is made, changed, and goes', async () => {
    const tank = { storage: 'tank', type: 'zfspool', pool: 'tank', sparse: true, nodes: ['n1'] }
    assert.deepEqual(await bench.send('POST /storage', tank), { storage: 'tank', type: 'zfspool' })
    assert.deepEqual(await show('tank'), { ...tank, content: 'images,rootdir', sparse: 1, nodes: 'n1' })
    await bench.send('PUT /storage/tank', { content: ['images'], delete: 'nodes' })
    assert.deepEqual(await show('tank'), {
      storage: 'tank',
      type: 'zfspool',
      pool: 'tank',
      sparse: 1,
      content: 'images',
    })
    await bench.send('DELETE /storage/tank')
    assert.equal(await bench.refusal('GET /storage/tank'), "500 storage 'tank' does not exist\n")
  })

  const refused: [string, Row, string][] = [
    ['POST /storage', { storage: 'local', type: 'dir', path: '/x' }, "500 storage ID 'local' already defined\n"],
    ['POST /storage', { storage: 'x', type: 'dir' }, `400 {"path":"property is missing and it is not optional\\n"}`],
    [
      'POST /storage',
      { storage: 'x', type: 'zfspool', pool: 'x', content: 'iso' },
      "500 storage does not support content type 'iso'\n",
    ],
    [
      'POST /storage',
      { storage: 'x', type: 'nfs', server: 'nas.invalid', export: '/x' },
      "500 create storage failed: storage 'x' is not online\n",
    ],
    ['POST /storage', { storage: 'x', type: 'nfs', server: 'nas.invalid', export: '/x', disable: true }, 'no refusal'],
    ['POST /storage', { storage: 'x', type: 'dir', path: '/x', nodes: 'n9' }, "500 node 'n9' does not exist\n"],
    [
      'PUT /storage/local',
      { digest: 'ff' },
      '500 detected modified configuration - file changed by other user? Try again.\n',
    ],
  ]
  for (const [request, params, text] of refused) {
    it(`refuses ${request} ${JSON.stringify(params)}`, async () =>
      assert.equal(await bench.refusal(request, params), text))
  }

  it('never gives a secret back', async () => {
    const share = { storage: 's', type: 'cifs', server: 'h', share: 'x', username: 'u', password: 'open sesame' }
    await bench.send('POST /storage', share)
    assert.ok(!JSON.stringify(bench.world.state).includes('sesame'))
  })

  it('shows on each node what is there and how full it is', async () => {
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, scsi0: 'local-zfs:8' })
    await bench.send('PUT /storage/data', { nodes: ['n1'] })
    const rows = async (node: string) => (await bench.send(`GET /nodes/${node}/storage`)) as Row[]
    assert.deepEqual(
      (await rows('n2')).map(({ storage }) => storage),
      ['local', 'local-zfs'],
    )
    const zfs = (await rows('n1')).find(({ storage }) => storage === 'local-zfs')
    assert.equal(zfs?.used, 8 * 1024 ** 3)
    assert.equal(Number(zfs?.total) - Number(zfs?.used), zfs?.avail)
    assert.match(await bench.refusal('GET /nodes/n2/storage/data/status'), /'data' is not available on node 'n2'/)
  })
})
