import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from './requests.ts'

const path = '/nodes/n1/qemu/100/config'

describe('lab/guest-config', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', {
      vmid: 100,
      cores: 2,
      scsi0: 'local-zfs:4',
      net0: 'virtio=02:00:00:00:00:01,bridge=vmbr0',
    })
  })
  afterEach(() => bench.close())

  const put = (params: Row) => bench.send(`PUT ${path}`, params)
  const config = async (params: Row = {}) => (await bench.send(`GET ${path}`, params)) as Row
  const pending = async (key: string) => {
    const rows = (await bench.send('GET /nodes/n1/qemu/100/pending')) as Row[]
    return rows.find((row) => row.key === key)
  }
  const start = () => bench.finish('POST /nodes/n1/qemu/100/status/start')
  const stop = () => bench.finish('POST /nodes/n1/qemu/100/status/stop')
  const exists = (volid: string) => bench.world.state.volumes.some((volume) => volume.volid === volid)

  it('takes everything at once while the guest is stopped', async () => {
    await put({ cores: 4, bios: 'ovmf' })
    assert.deepEqual(await pending('cores'), { key: 'cores', value: 4 })
  })

  const live: Row[] = [
    { description: 'x' },
    { tags: 'a' },
    { onboot: true },
    { name: 'b' },
    { scsi1: 'local-zfs:1' },
    { net1: 'virtio,bridge=vmbr1' },
  ]
  for (const change of live) {
    it(`a running guest takes ${JSON.stringify(change)} at once`, async () => {
      await start()
      await put(change)
      const [key = ''] = Object.keys(change)
      assert.deepEqual(Object.keys((await pending(key)) ?? {}), ['key', 'value'])
    })
  }

  const waiting: Row[] = [
    { cores: 4 },
    { memory: '4096' },
    { cpu: 'host' },
    { machine: 'q35' },
    { agent: '1' },
    { ciuser: 'x' },
    { sata0: 'local-zfs:1' },
    { scsi0: 'local-zfs:vm-100-disk-0,discard=on' },
  ]
  for (const change of waiting) {
    it(`for a running guest ${JSON.stringify(change)} waits until it stops`, async () => {
      await start()
      const [key = ''] = Object.keys(change)
      const before = (await config())[key]
      await put(change)
      assert.ok('pending' in ((await pending(key)) ?? {}))
      assert.notDeepEqual((await config())[key], before)
      assert.deepEqual((await config({ current: true }))[key], before)
      await stop()
      assert.ok(!('pending' in ((await pending(key)) ?? {})))
    })
  }

  it('forgets what waits when the old value is set again, or on revert', async () => {
    await start()
    await put({ cores: 4 })
    await put({ cores: 2 })
    assert.deepEqual(await pending('cores'), { key: 'cores', value: 2 })
    await put({ delete: ['cores'] })
    assert.deepEqual(await pending('cores'), { key: 'cores', value: 2, delete: 1 })
    await put({ revert: ['cores'] })
    assert.deepEqual(await pending('cores'), { key: 'cores', value: 2 })
  })

  it('parks a detached disk, and destroys it with its unused entry', async () => {
    await put({ delete: 'scsi0' })
    assert.equal((await config()).unused0, 'local-zfs:vm-100-disk-0')
    assert.ok(exists('local-zfs:vm-100-disk-0'))
    await put({ delete: 'unused0' })
    assert.ok(!exists('local-zfs:vm-100-disk-0'))
  })

  it('attaches a parked disk again', async () => {
    await put({ delete: 'scsi0' })
    await put({ scsi3: 'local-zfs:vm-100-disk-0' })
    const { scsi3, unused0 } = await config()
    assert.deepEqual([scsi3, unused0], ['local-zfs:vm-100-disk-0,size=4G', undefined])
  })

  it('makes a new disk in place of one that is there, which is parked', async () => {
    await put({ scsi0: 'data:5' })
    const { scsi0, unused0 } = await config()
    assert.deepEqual([scsi0, unused0], ['data:100/vm-100-disk-0.raw,size=5G', 'local-zfs:vm-100-disk-0'])
  })

  it('takes what is deleted out of the boot order', async () => {
    assert.equal((await config()).boot, 'order=scsi0;net0')
    await put({ delete: 'scsi0' })
    assert.equal((await config()).boot, 'order=net0')
    await put({ delete: 'net0' })
    assert.equal((await config()).boot, undefined)
    await put({ scsi0: 'local-zfs:vm-100-disk-0', scsi1: 'local-zfs:1', boot: 'order=scsi0;scsi1' })
    await start()
    await put({ delete: 'scsi1' })
    assert.deepEqual(await pending('boot'), { key: 'boot', value: 'order=scsi0;scsi1', pending: 'order=scsi0' })
  })

  it('believes no size', async () => {
    await put({ scsi0: 'local-zfs:vm-100-disk-0,size=99G' })
    assert.equal((await config()).scsi0, 'local-zfs:vm-100-disk-0,size=4G')
  })

  it('says no to a digest of before', async () => {
    const { digest } = await config()
    await put({ cores: 3, digest })
    assert.equal(
      await bench.refusal(`PUT ${path}`, { cores: 4, digest }),
      '500 checksum mismatch (file change by other user?)\n',
    )
    assert.equal((await config()).cores, 3)
  })

  const refused: [Row, string][] = [
    [{ delete: 'nonsense' }, `400 {"delete":"unknown option 'nonsense'\\n"}`],
    [{ delete: 'cores', cores: 2 }, `400 {"delete":"you can't use '-cores' and '-delete cores' at the same time\\n"}`],
    [{ boot: 'order=scsi9' }, "500 invalid bootorder: device 'scsi9' does not exist'\n"],
  ]
  for (const [params, text] of refused) {
    it(`refuses ${JSON.stringify(params)}`, async () => assert.equal(await bench.refusal(`PUT ${path}`, params), text))
  }

  it('takes the deletion of what is not set', async () => {
    await put({ delete: 'ciuser,description' })
  })

  it('answers 400 to a hotplug that fails, and the change waits', async () => {
    await start()
    const net0 = 'virtio=02:00:00:00:00:01,bridge=vmbr7'
    assert.match(await bench.refusal(`PUT ${path}`, { net0 }), /^400 \{"net0":"hotplug problem/)
    assert.equal((await pending('net0'))?.pending, net0)
  })

  it('changes nothing of a locked guest, unless root says so', async () => {
    await put({ lock: 'backup' })
    assert.equal(await bench.refusal(`PUT ${path}`, { cores: 3 }), '500 VM is locked (backup)\n')
    assert.equal((await config()).cores, 2)
    await put({ delete: 'lock', skiplock: true })
    await put({ cores: 3 })
    assert.equal((await config()).cores, 3)
  })

  it('keeps the disks of a protected guest', async () => {
    await put({ protection: true })
    assert.match(await bench.refusal(`PUT ${path}`, { delete: 'scsi0' }), /protection mode enabled/)
    assert.ok(exists('local-zfs:vm-100-disk-0'))
  })
})
