import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const disk = { scsi0: 'local-zfs:0,import-from=data:import/debian.qcow2,discard=on', ide2: 'local-zfs:cloudinit' }

describe('lab/routes/vm', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const create = (params: Row = {}) => bench.finish('POST /nodes/n1/qemu', { vmid: 100, name: 'a', ...params })
  const config = async (params: Row = {}) => (await bench.send('GET /nodes/n1/qemu/100/config', params)) as Row
  const put = (params: Row) => bench.send('PUT /nodes/n1/qemu/100/config', params)
  const volids = () => bench.world.state.volumes.filter(({ vmid }) => vmid === 100).map(({ volid }) => volid)

  it('is made with its disks, its identity and a boot order', async () => {
    const net0 = 'bridge=vmbr0,virtio=02:00:00:00:00:01,tag=5'
    assert.equal(
      await create({ ...disk, efidisk0: 'local-zfs:1,efitype=4m', memory: 2048, tags: ['B', 'a', 'b'], net0 }),
      'OK',
    )
    const { smbios1, vmgenid, meta, digest, ...rest } = await config()
    assert.deepEqual(rest, {
      name: 'a',
      memory: '2048',
      tags: 'a;b',
      net0: 'virtio=02:00:00:00:00:01,bridge=vmbr0,tag=5',
      efidisk0: 'local-zfs:vm-100-disk-0,efitype=4m,size=1M',
      scsi0: 'local-zfs:vm-100-disk-1,discard=on,size=3G',
      ide2: 'local-zfs:vm-100-cloudinit,media=cdrom,size=4M',
      boot: 'order=scsi0;ide2;net0',
    })
    assert.match(String(smbios1), /^uuid=[0-9a-f-]{36}$/)
    assert.match(String(vmgenid), /^[0-9a-f-]{36}$/)
    assert.match(String(meta), /^creation-qemu=10\.\d+\.\d+,ctime=\d+$/)
    assert.match(String(digest), /^[0-9a-f]{40}$/)
  })

  it('keeps a lock while it is made, and hides nothing of it', async () => {
    const slow = await openBench({}, 100)
    try {
      await slow.send('POST /nodes/n1/qemu', { vmid: 100 })
      const [row] = (await slow.send('GET /nodes/n1/qemu')) as Row[]
      assert.equal(row?.lock, 'create')
    } finally {
      await slow.close()
    }
  })

  it('gives a NIC without a MAC a new one on every change', async () => {
    await create({ net0: 'virtio,bridge=vmbr0' })
    const before = (await config()).net0
    assert.match(String(before), /^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0$/)
    await put({ net0: 'virtio,bridge=vmbr0' })
    assert.notEqual((await config()).net0, before)
  })

  const failing: [string, Row, RegExp][] = [
    [
      'a missing image',
      { scsi0: 'local-zfs:0,import-from=data:import/none.qcow2' },
      /'data:import\/none.qcow2' does not exist/,
    ],
    ['a missing volume', { scsi0: 'local-zfs:vm-999-disk-0' }, /does not exist/],
    ['no room', { scsi0: 'thick:99999999' }, /out of space/],
  ]
  for (const [what, params, text] of failing) {
    it(`fails in its task and leaves nothing behind: ${what}`, async () => {
      await bench.send('POST /storage', { storage: 'thick', type: 'lvm', vgname: 'thick' })
      const exit = await create({ sata0: 'local-zfs:1', ...params })
      assert.match(exit, /^unable to create VM 100 - /)
      assert.match(exit, text)
      assert.equal(bench.world.state.guests['100'], undefined)
      assert.deepEqual(volids(), [])
    })
  }

  const refused: [string, Row, string][] = [
    ['a storage that is not there', { scsi0: 'nope:1' }, "500 storage 'nope' does not exist\n"],
    [
      'a storage without images',
      { scsi0: 'local:1' },
      `400 {"storage":"storage 'local' does not support vm images\\n"}`,
    ],
    ['a pool that is not there', { pool: 'p' }, "500 pool 'p' does not exist\n"],
  ]
  for (const [what, params, text] of refused) {
    it(`is refused at once: ${what}`, async () => {
      assert.equal(await bench.refusal('POST /nodes/n1/qemu', { vmid: 100, ...params }), text)
    })
  }

  for (const [kind, name] of [
    ['qemu', 'VM'],
    ['lxc', 'CT'],
  ]) {
    it(`is refused on a VMID that a ${name} of another node has`, async () => {
      const ostemplate = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'
      await bench.finish(`POST /nodes/n2/${kind}`, {
        vmid: 100,
        ...(kind === 'lxc' ? { ostemplate, rootfs: 'data:1' } : {}),
      })
      assert.equal(
        await bench.refusal('POST /nodes/n1/qemu', { vmid: 100 }),
        `500 unable to create VM 100 - ${name} 100 already exists on node 'n2'\n`,
      )
    })
  }

  it('is not found on another node, nor as a container', async () => {
    await create()
    assert.equal(
      await bench.refusal('GET /nodes/n2/qemu/100/config'),
      "500 Configuration file 'nodes/n2/qemu-server/100.conf' does not exist\n",
    )
    assert.equal(
      await bench.refusal('GET /nodes/n1/lxc/100/config'),
      "500 Configuration file 'nodes/n1/lxc/100.conf' does not exist\n",
    )
  })

  it('hides the password, and never keeps it in clear', async () => {
    await create({ cipassword: 'open sesame' })
    assert.equal((await config()).cipassword, '**********')
    assert.ok(!JSON.stringify(bench.world.state).includes('sesame'))
  })

  it('starts when that was asked for', async () => {
    await create({ start: true })
    while (bench.world.state.guests['100']?.status !== 'running') await new Promise((resolve) => setImmediate(resolve))
  })

  it('changes by a task too, with the digest checked before', async () => {
    await create()
    assert.equal(await bench.finish('POST /nodes/n1/qemu/100/config', { cores: 3 }), 'OK')
    assert.equal((await config()).cores, 3)
    assert.match(await bench.refusal('POST /nodes/n1/qemu/100/config', { digest: 'ff' }), /^500 checksum mismatch/)
  })

  it('goes with all of its volumes', async () => {
    await create(disk)
    assert.equal(await bench.finish('DELETE /nodes/n1/qemu/100', { purge: true }), 'OK')
    assert.deepEqual(volids(), [])
    assert.match(await bench.refusal('DELETE /nodes/n1/qemu/100'), /does not exist/)
  })

  it('does not go while it runs, or is protected', async () => {
    await create({ protection: true })
    assert.equal(
      await bench.refusal('DELETE /nodes/n1/qemu/100'),
      "500 can't remove VM 100 - protection mode enabled\n",
    )
    await put({ protection: false })
    await bench.finish('POST /nodes/n1/qemu/100/status/start')
    assert.equal(await bench.refusal('DELETE /nodes/n1/qemu/100'), '500 VM 100 is running - destroy failed\n')
  })
})
