// A node of the lab that restarts: away for a moment, then as its files say, as far as they were brought to the next start.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { pack } from 'tar-stream'
import { HARDWARE, type LabHost, type Session, startHost } from '../host/lab-host.ts'
import { form, send } from '../lab-site.ts'

const GPU = {
  address: '0000:01:00.0',
  id: '10de:2204',
  class: '030000',
  native: 'nouveau',
  group: 11,
  resets: ['bus'],
  bootVga: true as const,
}
const nodes = HARDWARE.nodes.map((node) => ({ ...node, pci: [GPU] }))
const EARLY = '/etc/initramfs-tools/scripts/init-top/orion-vfio'
const LINE = '/etc/kernel/cmdline'
const PROGRAM = '/usr/local/sbin/orion-reboot'
const MODULES = '/etc/modules-load.d/orion-vfio.conf'

describe('lab/device: a node that restarts', function () {
  this.timeout(30_000)
  let host: LabHost
  let session: Session
  beforeEach(async () => {
    host = await startHost({ nodes })
    session = await host.connect()
  })
  afterEach(() => host.close())

  const look = () => session.text('sh', '-c', 'LOOK', 'orion-pci-look')
  const words = async (kind: string) =>
    (await look())
      .split('\n')
      .filter((line) => line.startsWith(`${kind} `))
      .map((line) => line.slice(kind.length + 1))

  async function within(check: () => Promise<void>): Promise<void> {
    for (const end = Date.now() + 15_000; ; await sleep(50))
      try {
        await check()
        return
      } catch (error) {
        if (Date.now() > end) throw error
      }
  }

  /** Restarts by a command, and is there again with another boot id. */
  async function restart(...argv: string[]): Promise<void> {
    const [before] = await words('boot')
    await session.run(argv)
    await session.closed
    await assert.rejects(send(host.lab, '/version'), 'nobody answers while it is down')
    await within(async () => {
      session = await host.connect()
    })
    assert.notEqual((await words('boot'))[0], before)
  }

  async function write(files: Readonly<Record<string, string>>, mode = 0o755): Promise<void> {
    const tar = pack()
    for (const [name, text] of Object.entries(files)) tar.entry({ name, mode }, text)
    tar.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of tar) chunks.push(chunk as Buffer)
    const paths = Object.keys(files)
    const argv = ['sh', '-c', 'WRITE', 'orion-write', String(paths.length), ...paths]
    assert.equal((await session.run(argv, Buffer.concat(chunks))).code, 0)
  }

  const status = async (vmid: number) => {
    const { json } = await send(host.lab, `/nodes/pve1/qemu/${vmid}/status/current`)
    return (json.data as { status: string }).status
  }

  it('starts its guests again that start on boot, and no others', async () => {
    for (const [vmid, onboot] of [
      ['100', '1'],
      ['101', '0'],
    ] as const)
      await send(host.lab, '/nodes/pve1/qemu', form({ vmid, onboot, start: '1' }))
    await within(async () => assert.deepEqual([await status(100), await status(101)], ['running', 'running']))
    await restart('systemctl', 'reboot')
    await within(async () => assert.deepEqual([await status(100), await status(101)], ['running', 'stopped']))
  })

  it('has what was brought to the next start, and nothing of what was only written', async () => {
    const old = (await words('cmdline'))[0] ?? ''
    await write({ [LINE]: 'root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt\n', [MODULES]: 'vfio\nvfio_pci\n' })
    await restart('systemctl', 'reboot')
    assert.deepEqual([(await words('cmdline'))[0], (await words('iomem')).at(-1)?.endsWith(' : BOOTFB')], [old, true])
    assert.match((await words('modules'))[0] ?? '', /\bvfio\b/, 'modules-load.d is read at the start itself')
    await write({ [EARLY]: 'bind 0000:01:00.0 0x10de 0x2204\n', [LINE]: 'root=x initcall_blacklist=sysfb_init\n' })
    await restart('systemctl', 'reboot')
    assert.match((await words('pci'))[0] ?? '', /driver=nouveau/)
    await session.run(['update-initramfs', '-u', '-k', 'all'])
    await restart('systemctl', 'reboot')
    assert.match((await words('pci'))[0] ?? '', /driver=vfio-pci override=vfio-pci/)
    assert.match((await words('cmdline'))[0] ?? '', /^initrd=\\EFI\\.* root=x initcall_blacklist=sysfb_init$/)
    assert.ok((await words('iomem')).every((line) => !line.includes('BOOTFB')))
  })

  for (const [why, text, mode] of [
    ['is another device', 'bind 0000:01:00.0 0x10de 0x2205\n', 0o755],
    ['no program', 'bind 0000:01:00.0 0x10de 0x2204\n', 0o644],
  ] as const) {
    it(`keeps a driver where the script ${why}`, async () => {
      await write({ [EARLY]: text }, mode)
      await session.run(['update-initramfs', '-u', '-k', 'all'])
      await restart('systemctl', 'reboot')
      assert.match((await words('pci'))[0] ?? '', /driver=nouveau/)
    })
  }

  it('is armed before, and confirmed after', async () => {
    assert.equal((await session.run([PROGRAM, 'state'])).code, 127)
    await write({ [PROGRAM]: '#!/bin/sh\n' })
    assert.match(await session.text(PROGRAM, 'state'), /^state=none\n/)
    await restart(PROGRAM, 'arm', 'now', '600', 'gpu')
    assert.match(
      await session.text(PROGRAM, 'state'),
      /^state=booted\nmode=now\nwindow=\nboot=[0-9a-f-]{36}\nseconds=600\nreason=\n$/,
    )
    assert.match(await session.text(PROGRAM, 'confirm'), /^state=confirmed\n/)
  })

  it('goes on with its restart when the lab was ended in the middle of it', async () => {
    const [before] = await words('boot')
    await session.run(['systemctl', 'reboot'])
    await session.closed
    await host.restart()
    session = await host.connect()
    assert.notEqual((await words('boot'))[0], before)
  })

  it('comes back without its bridges: orion-reboot restarts it once more', async () => {
    await write({ [PROGRAM]: '#!/bin/sh\n' })
    host.lab.hostFaults.add({ match: { command: '^start without bridges$' }, action: { code: 1 } })
    await session.run([PROGRAM, 'arm', 'now', '600', 'gpu'])
    await session.closed
    await within(async () => {
      session = await host.connect()
    })
    assert.match(await session.text(PROGRAM, 'state'), /^state=restored\n.*reason=the bridge vmbr0 is not there\n$/s)
  })
})
