// Snapshots of the lab's guests: as strict as Proxmox VE is.
import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const vm = '/nodes/n1/qemu/100'
const ct = '/nodes/n1/lxc/200'

describe('lab/routes/snapshot', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, scsi0: 'local-zfs:4', memory: '1024' })
  })
  afterEach(() => bench.close())
  const take = (snapname: string, more: Row = {}) => bench.finish(`POST ${vm}/snapshot`, { snapname, ...more })
  const names = async () =>
    ((await bench.send(`GET ${vm}/snapshot`)) as Row[]).map(({ name, parent = '-' }) => `${name} on ${parent}`)
  const config = async () => (await bench.send(`GET ${vm}/config`)) as Row

  it('says what can have one', async () => {
    const can = async (path: string) =>
      ((await bench.send(`GET ${path}/feature`, { feature: 'snapshot' })) as Row).hasFeature
    await bench.finish('POST /nodes/n1/qemu', { vmid: 101, scsi0: 'data:4' })
    await bench.finish('POST /nodes/n1/qemu', {
      vmid: 102,
      scsi0: 'data:4,format=qcow2',
      ide2: 'local:iso/tool.iso,media=cdrom',
    })
    const ostemplate = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'
    await bench.finish('POST /nodes/n1/lxc', { vmid: 200, ostemplate, rootfs: 'local-zfs:4' })
    await bench.finish('POST /nodes/n1/lxc', { vmid: 201, ostemplate, rootfs: 'local-zfs:4', mp0: '/srv,mp=/srv' })
    assert.deepEqual(
      [
        await can(vm),
        await can('/nodes/n1/qemu/101'),
        await can('/nodes/n1/qemu/102'),
        await can(ct),
        await can('/nodes/n1/lxc/201'),
      ],
      [1, 0, 1, 1, 0],
    )
    const refused = await bench.finish('POST /nodes/n1/qemu/101/snapshot', { snapname: 'one' })
    assert.equal(refused, 'snapshot feature is not available')
  })

  it('keeps a chain, and mends it where one goes', async () => {
    for (const name of ['one', 'two', 'three']) assert.equal(await take(name), 'OK')
    assert.deepEqual(await names(), ['one on -', 'two on one', 'three on two', 'current on three'])
    assert.equal(await bench.finish(`DELETE ${vm}/snapshot/two`), 'OK')
    assert.deepEqual(await names(), ['one on -', 'three on one', 'current on three'])
    assert.equal((await config()).parent, 'three')
    assert.equal(await bench.finish(`DELETE ${vm}/snapshot/three`), 'OK')
    assert.equal(await bench.finish(`DELETE ${vm}/snapshot/one`), 'OK')
    assert.equal((await config()).parent, undefined)
    assert.equal(await bench.finish(`DELETE ${vm}/snapshot/one`), "snapshot 'one' does not exist")
  })

  it('refuses a name twice, a reserved one, and a locked guest', async () => {
    await take('one')
    assert.equal(await take('one'), "snapshot name 'one' already used")
    assert.match(await bench.refusal(`POST ${vm}/snapshot`, { snapname: 'current' }), /reserved name/)
    const guest = bench.world.state.guests['100']
    if (guest) guest.config.lock = 'backup'
    assert.equal(await take('two'), 'VM is locked (backup)')
  })

  it('brings options and disks back, stops a running guest, and starts it where that is asked', async () => {
    await bench.finish(`POST ${vm}/status/start`)
    await take('one', { description: 'before' })
    await bench.finish(`PUT ${vm}/resize`, { disk: 'scsi0', size: '+4G' })
    await bench.send(`PUT ${vm}/config`, { memory: '4096', scsi1: 'local-zfs:1' })
    assert.equal(await bench.finish(`POST ${vm}/snapshot/one/rollback`), 'OK')
    const back = await config()
    assert.deepEqual(
      [back.scsi0, back.scsi1, back.unused0, back.parent],
      ['local-zfs:vm-100-disk-0,size=4G', undefined, 'local-zfs:vm-100-disk-1', 'one'],
    )
    assert.equal(String(back.memory), '1024')
    assert.equal(((await bench.send(`GET ${vm}/status/current`)) as Row).status, 'stopped')
    assert.equal(await bench.finish(`POST ${vm}/snapshot/one/rollback`, { start: true }), 'OK')
    assert.equal(((await bench.send(`GET ${vm}/status/current`)) as Row).status, 'running')
    assert.equal(((await bench.send(`GET ${vm}/snapshot/one/config`)) as Row).description, 'before')
  })

  it('goes back on ZFS to the newest alone', async () => {
    await take('one')
    await take('two')
    const refused = await bench.finish(`POST ${vm}/snapshot/one/rollback`)
    assert.equal(refused, "can't rollback, 'one' is not most recent snapshot on 'vm-100-disk-0'")
    assert.equal(await bench.finish(`POST ${vm}/snapshot/two/rollback`), 'OK')
  })

  it('a running guest with one takes no local disk along', async () => {
    await bench.finish(`POST ${vm}/status/start`)
    await take('one')
    const params = { target: 'n2', online: true, 'with-local-disks': true }
    assert.match(await bench.finish(`POST ${vm}/migrate`, params), /not possible if snapshot exists/)
    await bench.finish(`DELETE ${vm}/snapshot/one`)
    assert.equal(await bench.finish(`POST ${vm}/migrate`, params), 'OK')
  })
})
