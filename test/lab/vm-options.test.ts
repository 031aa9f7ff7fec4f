import assert from 'node:assert/strict'
import { type Bench, openBench, type Row, root, rootToken } from './requests.ts'

const operator = { user: 'op@pve' }

describe('lab/vm-options', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100 })
    await bench.send('POST /access/users', { userid: operator.user })
  })
  afterEach(() => bench.close())

  const grant = async (path: string, ...privs: string[]) => {
    const roleid = `role${path.replace(/\W/g, '-')}`
    await bench.send('POST /access/roles', { roleid, privs })
    await bench.send('PUT /access/acl', { path, roles: [roleid], users: [operator.user] })
  }
  const put = (params: Row, who = operator) => bench.refusal('PUT /nodes/n1/qemu/100/config', params, who)

  const rows: [Row, string, string][] = [
    [{ cores: 2 }, '/vms/100', 'VM.Config.CPU'],
    [{ memory: '1024' }, '/vms/100', 'VM.Config.Memory'],
    [{ machine: 'q35' }, '/vms/100', 'VM.Config.HWType'],
    [{ tags: 'a' }, '/vms/100', 'VM.Config.Options'],
    [{ boot: 'order=' }, '/vms/100', 'VM.Config.Disk'],
    [{ ciuser: 'x' }, '/vms/100', 'VM.Config.Cloudinit'],
    [{ ciuser: 'x' }, '/vms/100', 'VM.Config.Network'],
    [{ serial0: 'socket' }, '/vms/100', 'VM.Config.HWType'],
    [{ ide2: 'none,media=cdrom' }, '/vms/100', 'VM.Config.CDROM'],
    [{ delete: 'net0' }, '/vms/100', 'VM.Config.Network'],
  ]
  for (const [change, path, privilege] of rows) {
    it(`${JSON.stringify(change)} needs ${privilege}`, async () => {
      assert.match(await put(change), /^403 Permission check failed \(\/vms\/100, /)
      await grant(path, privilege)
      assert.equal(await put(change), 'no refusal')
    })
  }

  const double: [Row, [string, string][]][] = [
    [
      { startup: 'order=1' },
      [
        ['/vms/100', 'VM.Config.Options'],
        ['/', 'Sys.Modify'],
      ],
    ],
    [
      { net0: 'virtio,bridge=vmbr0,tag=7' },
      [
        ['/vms/100', 'VM.Config.Network'],
        ['/sdn/zones/localnetwork/vmbr0/7', 'SDN.Use'],
      ],
    ],
    [
      { scsi0: 'local-zfs:1' },
      [
        ['/vms/100', 'VM.Config.Disk'],
        ['/storage/local-zfs', 'Datastore.AllocateSpace'],
      ],
    ],
    [
      { hostpci0: 'mapping=gpu0' },
      [
        ['/vms/100', 'VM.Config.HWType'],
        ['/mapping/pci/gpu0', 'Mapping.Use'],
      ],
    ],
  ]
  for (const [change, grants] of double) {
    it(`${JSON.stringify(change)} needs ${grants.map((grant) => grant.join(' ')).join(' and ')}`, async () => {
      for (const [path, privilege] of grants) {
        assert.match(await put(change), /^403 /)
        await grant(path, privilege)
      }
      assert.equal(await put(change), 'no refusal')
    })
  }

  for (const key of [
    'affinity',
    'args',
    'hookscript',
    'hugepages',
    'arch',
    'vmgenid',
    'hostpci0',
    'usb0',
    'serial0',
    'parallel0',
  ]) {
    it(`only root's ticket may set ${key}`, async () => {
      const change = { [key]: key === 'hookscript' ? 'local:snippets/x' : '/dev/x' }
      assert.match(await put(change, rootToken), new RegExp(`^500 only root can set '${key}' config`))
      // Root may, and is told that there is no such script.
      const refused = /^400 .*script 'local:snippets\/x' does not exist/s
      assert.match(await put(change, root), key === 'hookscript' ? refused : /^no refusal$/)
    })
  }

  it('only root may import from a path', async () => {
    const scsi0 = 'local-zfs:0,import-from=/tmp/x.qcow2'
    assert.match(await put({ scsi0 }, rootToken), /^500 Only root can pass arbitrary filesystem paths/)
  })

  it('lets rights on the pool be enough to make a VM', async () => {
    await bench.send('POST /pools', { poolid: 'p' })
    const wish = { vmid: 101, pool: 'p', cores: 1 }
    assert.match(
      await bench.refusal('POST /nodes/n1/qemu', wish, operator),
      /^403 Permission check failed \(\/vms\/101, VM.Allocate/,
    )
    await grant('/pool/p', 'VM.Allocate', 'VM.Config.CPU', 'VM.Audit')
    assert.equal(await bench.finish('POST /nodes/n1/qemu', wish, operator), 'OK')
    const seen = (await bench.send('GET /cluster/resources', { type: 'vm' }, operator)) as Row[]
    assert.deepEqual(
      seen.map(({ vmid }) => vmid),
      [101],
    )
  })
})
