import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

describe('lab/routes/clone', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    const net0 = 'virtio=02:00:00:00:00:01,bridge=vmbr0'
    await bench.finish('POST /nodes/n1/qemu', {
      vmid: 100,
      name: 'a',
      scsi0: 'local-zfs:4',
      ide2: 'local-zfs:cloudinit',
      net0,
    })
  })
  afterEach(() => bench.close())

  const config = async (vmid: number) => (await bench.send(`GET /nodes/n1/qemu/${vmid}/config`)) as Row

  it('copies disks, and gives the copy an identity of its own', async () => {
    assert.equal(await bench.finish('POST /nodes/n1/qemu/100/clone', { newid: 101, name: 'b', full: true }), 'OK')
    const [one, two] = [await config(100), await config(101)]
    assert.equal(two.scsi0, 'local-zfs:vm-101-disk-0,size=4G')
    assert.equal(two.ide2, 'local-zfs:vm-101-cloudinit,media=cdrom,size=4M')
    assert.equal(two.name, 'b')
    for (const key of ['smbios1', 'vmgenid', 'net0']) assert.notEqual(two[key], one[key])
    assert.match(String(two.smbios1), /^uuid=[0-9a-f-]{36}$/)
  })

  it('freezes a template, of which linked copies can be made', async () => {
    assert.match(await bench.refusal('POST /nodes/n1/qemu/100/clone', { newid: 101, full: false }), /^500 Linked clone/)
    assert.equal(await bench.finish('POST /nodes/n1/qemu/100/template'), 'OK')
    const { scsi0, template } = await config(100)
    assert.deepEqual([scsi0, template], ['local-zfs:base-100-disk-0,size=4G', 1])
    assert.equal(await bench.finish('POST /nodes/n1/qemu/100/clone', { newid: 101, full: false }), 'OK')
    assert.equal((await config(101)).template, undefined)
    assert.match(await bench.refusal('POST /nodes/n1/qemu/100/template'), /template to a template/)
  })

  it('moves to another node, running only on request', async () => {
    await bench.finish('POST /nodes/n1/qemu/100/status/start')
    const move = 'POST /nodes/n1/qemu/100/migrate'
    assert.match(await bench.refusal(move, { target: 'n2' }), /without --online/)
    assert.match(await bench.finish(move, { target: 'n2', online: true }), /without with-local-disks/)
    assert.equal(await bench.finish(move, { target: 'n2', online: true, 'with-local-disks': true }), 'OK')
    assert.match(await bench.refusal('GET /nodes/n1/qemu/100/config'), /does not exist/)
    assert.equal(await bench.finish('PUT /nodes/n2/qemu/100/resize', { disk: 'scsi0', size: '5G' }), 'OK')
  })

  it('shows what cloud-init would read', async () => {
    const sshkeys = encodeURIComponent('ssh-ed25519 AAAA a\n')
    await bench.send('PUT /nodes/n1/qemu/100/config', { ciuser: 'u', sshkeys, ipconfig0: 'ip=10.0.0.2/24,gw=10.0.0.1' })
    const dump = (type: string) => bench.send('GET /nodes/n1/qemu/100/cloudinit/dump', { type })
    assert.match(String(await dump('user')), /hostname: a\n[\s\S]*user: u\n[\s\S]*- ssh-ed25519 AAAA a\n/)
    assert.match(
      String(await dump('network')),
      /mac_address: '02:00:00:00:00:01'[\s\S]*address: '10.0.0.2\/24'\n +gateway: '10.0.0.1'/,
    )
  })

  it('answers for the agent only where one is switched on and the VM runs', async () => {
    const ask = 'GET /nodes/n1/qemu/100/agent/network-get-interfaces'
    assert.equal(await bench.refusal(ask), '500 VM 100 is not running\n')
    await bench.finish('POST /nodes/n1/qemu/100/status/start')
    assert.equal(await bench.refusal(ask), '500 No QEMU guest agent configured\n')
    await bench.finish('POST /nodes/n1/qemu/100/status/stop')
    await bench.send('PUT /nodes/n1/qemu/100/config', {
      agent: 'enabled=1,fstrim_cloned_disks=1',
      ipconfig0: 'ip=10.0.0.2/24',
    })
    await bench.finish('POST /nodes/n1/qemu/100/status/start')
    const { result } = (await bench.send(ask)) as { result: Row[] }
    assert.deepEqual(result[1], {
      name: 'eth0',
      'hardware-address': '02:00:00:00:00:01',
      'ip-addresses': [{ 'ip-address': '10.0.0.2', 'ip-address-type': 'ipv4', prefix: 24 }],
    })
  })
})
