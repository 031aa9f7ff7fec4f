import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const vm = '/nodes/n1/qemu/100'

describe('lab/routes/migrate', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, scsi0: 'local-zfs:4' })
  })
  afterEach(() => bench.close())
  const start = () => bench.finish(`POST ${vm}/status/start`)

  it('takes a guest and its disks to the other node', async () => {
    assert.equal(await bench.finish(`POST ${vm}/migrate`, { target: 'n2' }), 'OK')
    assert.match(await bench.refusal(`GET ${vm}/config`), /^500 Configuration file 'nodes\/n1\/qemu-server\/100.conf'/)
    const { scsi0 } = (await bench.send('GET /nodes/n2/qemu/100/config')) as Row
    assert.equal(scsi0, 'local-zfs:vm-100-disk-0,size=4G')
    assert.equal(await bench.finish('POST /nodes/n2/qemu/100/status/start'), 'OK')
  })

  it('leaves a running guest alone unless it is told to, and local disks too', async () => {
    await start()
    assert.match(await bench.refusal(`POST ${vm}/migrate`, { target: 'n2' }), /^500 can't migrate running VM/)
    const disks = await bench.finish(`POST ${vm}/migrate`, { target: 'n2', online: true })
    assert.match(disks, /^can't live migrate attached local disks/)
    const params = { target: 'n2', online: true, 'with-local-disks': true }
    assert.equal(await bench.finish(`POST ${vm}/migrate`, params), 'OK')
  })

  const refused: [Row, RegExp][] = [
    [{ target: 'n1' }, /^400 .*target is local node/],
    [{ target: 'n9' }, /^500 no such cluster node 'n9'/],
  ]
  for (const [params, text] of refused) {
    it(`refuses ${JSON.stringify(params)}`, async () => {
      assert.match(await bench.refusal(`POST ${vm}/migrate`, params), text)
    })
  }
})
