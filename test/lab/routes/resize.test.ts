import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

describe('lab/routes/resize', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', {
      vmid: 100,
      scsi0: 'local-zfs:4,ssd=1',
      ide2: 'local:iso/tool.iso,media=cdrom',
    })
  })
  afterEach(() => bench.close())

  const rows: [Row, string, string][] = [
    [{ disk: 'scsi0', size: '10G' }, 'OK', '10G'],
    [{ disk: 'scsi0', size: '+512M' }, 'OK', '4608M'],
    [{ disk: 'scsi0', size: '4G' }, 'OK', '4G'],
    [{ disk: 'scsi0', size: '1G' }, 'shrinking disks is not supported', '4G'],
    [{ disk: 'scsi5', size: '9G' }, "disk 'scsi5' does not exist", '4G'],
    [{ disk: 'ide2', size: '9G' }, "you can't resize a cdrom", '4G'],
    [{ disk: 'scsi0', size: '9G', digest: 'ff' }, 'checksum mismatch (file change by other user?)', '4G'],
  ]
  for (const [params, exit, size] of rows) {
    it(`${JSON.stringify(params)}: ${exit}`, async () => {
      assert.equal(await bench.finish('PUT /nodes/n1/qemu/100/resize', params), exit)
      const config = (await bench.send('GET /nodes/n1/qemu/100/config')) as Row
      assert.equal(config.scsi0, `local-zfs:vm-100-disk-0,size=${size},ssd=1`)
    })
  }

  it('stops where a storage that reserves room is full, and only there', async () => {
    const grow = (disk: string) => bench.finish('PUT /nodes/n1/qemu/100/resize', { disk, size: '99T' })
    assert.equal(await grow('scsi0'), 'OK')
    await bench.send('POST /storage', { storage: 'thick', type: 'lvm', vgname: 'thick' })
    await bench.send('PUT /nodes/n1/qemu/100/config', { scsi1: 'thick:1' })
    assert.match(await grow('scsi1'), /out of space$/)
  })
})
