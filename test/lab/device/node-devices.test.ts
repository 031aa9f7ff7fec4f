import assert from 'node:assert/strict'
import type { PciFunction } from '../../../src/lab/device/pci.ts'
import type { Hardware } from '../../../src/lab/world.ts'
import { type Bench, hardware, openBench, type Row } from '../requests.ts'

const pci: readonly PciFunction[] = [
  {
    address: '0000:00:01.0',
    id: '8086:a70d',
    class: '060400',
    native: 'pcieport',
    group: 11,
    bridge: true,
    resets: [],
  },
  {
    address: '0000:01:00.0',
    id: '10de:2204',
    subsystem: '10de:147d',
    class: '030000',
    native: 'nouveau',
    group: 11,
    resets: ['bus'],
    bootVga: true,
  },
  { address: '0000:01:00.1', id: '10de:1aef', class: '040300', native: 'snd_hda_intel', group: 11, resets: ['bus'] },
  { address: '0000:02:00.0', id: '1ac1:089a', class: '088000', group: 12, resets: ['flr'] },
]
const ENTRY = 'node=n1,path=0000:01:00,id=10de:2204,subsystem-id=10de:147d,iommugroup=11'

function withDevices(): Partial<Hardware> {
  const [first, ...others] = hardware().nodes
  if (!first) throw new Error('no node')
  return { nodes: [{ ...first, pci, usb: [{ port: '1-4', id: '18d1:9302' }], paths: ['/dev/apex_0'] }, ...others] }
}

describe('lab/device: devices of a node', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench(withDevices())
  })
  afterEach(() => bench.close())

  const map = (entry: string) => bench.send('POST /cluster/mapping/pci', { id: 'gpu', map: [entry] })
  const driver = (address: string) => bench.world.state.hosts?.n1?.pci?.[address]?.driver
  const make = (vmid: number, more: Row = {}) =>
    bench.finish('POST /nodes/n1/qemu', { vmid, machine: 'q35', hostpci0: 'mapping=gpu,pcie=1', ...more })
  const start = (vmid: number) => bench.finish(`POST /nodes/n1/qemu/${vmid}/status/start`)

  it('are listed without bridges, or as somebody asks', async () => {
    const list = async (params: Row) =>
      ((await bench.send('GET /nodes/n1/hardware/pci', params)) as Row[]).map(({ id }) => id)
    assert.deepEqual(await list({}), ['0000:01:00.0', '0000:01:00.1', '0000:02:00.0'])
    assert.equal((await list({ 'pci-class-blacklist': '' })).length, pci.length)
    const [first] = (await bench.send('GET /nodes/n1/hardware/pci')) as Row[]
    assert.equal(first?.iommugroup, 11)
    assert.equal(first?.subsystem_device, '0x147d')
    assert.deepEqual(((await bench.send('GET /nodes/n1/hardware/pci', { verbose: false })) as Row[])[0], {
      id: '0000:01:00.0',
    })
  })

  const wrong: [string, RegExp][] = [
    ['node=n1,path=0000:01:00,id=10de:2204', /missing expected property 'iommugroup' for device '0000:01:00.0'$/],
    ['node=n1,path=0000:01:00,id=10de:2204,iommugroup=11', /missing expected property 'subsystem-id' for device/],
    [ENTRY.replace('2204', '2205'), /'id' does not match for 'gpu' \(10de:2204 != 10de:2205\)$/],
    [ENTRY.replace('01:00', '09:00'), /pci device '0000:09:00.0' not found$/],
  ]
  for (const [entry, says] of wrong) {
    it(`a mapping ${entry} is told in lists, and its VM does not start`, async () => {
      await map(entry)
      const [row] = (await bench.send('GET /cluster/mapping/pci', { 'check-node': 'n1' })) as { checks: Row[] }[]
      assert.match(String(row?.checks[0]?.message).trim(), says)
      await make(100)
      const exit = await start(100)
      assert.match(exit, /^PCI device mapping invalid \(hardware probably changed\): /)
      assert.match(exit, says)
    })
  }

  it('belong to one running VM, with everything else in their group', async () => {
    await map(ENTRY)
    await make(100)
    await make(101)
    assert.equal(driver('0000:01:00.0'), 'nouveau')
    assert.equal(await start(100), 'OK')
    assert.deepEqual(['0000:01:00.0', '0000:01:00.1', '0000:00:01.0'].map(driver), ['vfio-pci', 'vfio-pci', 'pcieport'])
    assert.equal(await start(101), "PCI device '0000:01:00.0' already in use by VMID '100'")
    await bench.finish('POST /nodes/n1/qemu/100/status/stop')
    assert.equal(await start(101), 'OK')
  })

  it('change with the next start of a VM only', async () => {
    await map(ENTRY)
    await make(100)
    await start(100)
    await bench.send('PUT /nodes/n1/qemu/100/config', { delete: 'hostpci0' })
    const pending = (await bench.send('GET /nodes/n1/qemu/100/pending')) as Row[]
    assert.equal(pending.find(({ key }) => key === 'hostpci0')?.delete, 1)
    await make(101)
    assert.match(await start(101), /already in use by VMID '100'/)
    await bench.finish('POST /nodes/n1/qemu/100/status/stop')
    assert.equal(await start(101), 'OK')
  })

  it('that have fallen off the bus, and PCI Express without q35, let no VM start', async () => {
    await map(ENTRY)
    await make(100, { machine: 'pc' })
    assert.equal(await start(100), 'q35 machine model is not enabled')
    await make(101)
    Object.assign(bench.world.state.hosts?.n1?.pci?.['0000:01:00.0'] ?? {}, { power: 'D3cold' })
    assert.match(await start(101), /error getting device from group 11/)
  })

  it('of USB are known by their port', async () => {
    await bench.send('POST /cluster/mapping/usb', { id: 'tpu', map: ['node=n1,path=1-4,id=1a6e:089a'] })
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, usb0: 'mapping=tpu' })
    assert.match(await start(100), /^USB Mapping invalid .*'id' does not match/)
    await bench.send('PUT /cluster/mapping/usb/tpu', { map: ['node=n1,path=1-4,id=18d1:9302'] })
    assert.equal(await start(100), 'OK')
  })

  it('of /dev must be there for a container', async () => {
    const ostemplate = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'
    await bench.finish('POST /nodes/n1/lxc', { vmid: 101, ostemplate, rootfs: 'local-zfs:1', unprivileged: true })
    const ct = '/nodes/n1/lxc/101'
    await bench.send(`PUT ${ct}/config`, { dev0: '/dev/apex_1' })
    assert.match(await bench.finish(`POST ${ct}/status/start`), /Device \/dev\/apex_1 does not exist$/)
    await bench.send(`PUT ${ct}/config`, { dev0: '/dev/apex_0' })
    assert.equal(await bench.finish(`POST ${ct}/status/start`), 'OK')
  })
})
