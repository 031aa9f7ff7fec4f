// What orion's programs for cores and the Keeper say on a node of the lab.
import assert from 'node:assert/strict'
import { pack } from 'tar-stream'
import { type LabHost, type Session, startHost } from '../host/lab-host.ts'
import { form, send } from '../lab-site.ts'

const KEEPER = '/usr/local/sbin/orion-keeper'
const CONFIG = {
  node: 'pve1',
  limit: 80,
  resume: 70,
  shed: [
    { name: 'one', vmid: 100, kind: 'vm', downSeconds: 60 },
    { name: 'other', vmid: 101, kind: 'vm', downSeconds: 60 },
  ],
  balloonIdle: [{ name: 'one', vmid: 100, kind: 'vm', balloonMib: 512, memoryMib: 1024 }],
  keep: [],
}

describe('lab: programs of cores and of the Keeper', function () {
  this.timeout(20_000)
  let host: LabHost
  let session: Session
  before(async () => {
    host = await startHost()
    session = await host.connect()
    for (const [vmid, name] of [
      ['100', 'one'],
      ['101', 'wrong'],
    ] as const)
      await send(host.lab, '/nodes/pve1/qemu', form({ vmid, name, cores: '2', start: '1' }))
    for (const end = Date.now() + 5000; Date.now() < end; ) {
      const { json } = await send(host.lab, '/cluster/resources?type=vm')
      if ((json.data as { status: string }[]).filter(({ status }) => status === 'running').length === 2) return
    }
  })
  after(() => host.close())

  const script = (name: string, ...args: string[]) => session.text('sh', '-c', 'TEXT', name, ...args)

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    const tar = pack()
    for (const [name, text] of Object.entries(files)) tar.entry({ name, mode: 0o755 }, text)
    tar.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of tar) chunks.push(chunk as Buffer)
    const paths = Object.keys(files)
    await session.run(['sh', '-c', 'WRITE', 'orion-write', `${paths.length}`, ...paths], Buffer.concat(chunks))
  }

  it('threads are where nobody put them, then where orion does', async () => {
    const look = await script('orion-cores-look')
    assert.match(look, /^cpu 0 1 0,8 0 0\ncpu 1 1 1,9 0 0\n/)
    assert.match(look, /^vcpu 100 1 0 0 0-15\nother 100 0 0 0-15$/m)
    await write({ '/etc/orion/cores.conf': 'rest 0-5\nguest 100 6-7 fifo 6 6 7\nguest 101 0-5 - -\n' })
    const digest = async (vmid: number) => {
      const { json } = await send(host.lab, `/nodes/pve1/qemu/${vmid}/config`)
      return (json.data as { digest: string }).digest
    }
    const rows = ['100', await digest(100), 'own:6-7', '=', '101', await digest(101), '0-5', '=']
    await script('orion-cpu-pins', ...rows)
    const after = await script('orion-cores-look')
    for (const line of ['stored 100 6-7', 'stored 101 0-5', 'ours 101 0-5', 'vcpu 100 1 1 1 7', 'other 100 0 0 6'])
      assert.match(after, new RegExp(`^${line}$`, 'm'))
    assert.doesNotMatch(after, /^ours 100/m)
    const stale = await session.run(['sh', '-c', 'T', 'orion-cpu-pins', '100', 'x'.repeat(40), '-', '='])
    assert.deepEqual([stale.code, /checksum mismatch/.test(stale.stderr)], [1, true])
  })

  it('the Keeper is not there before somebody brought it; then it tells what it would do', async () => {
    assert.equal((await session.run([KEEPER, 'status'])).code, 127)
    await write({ [KEEPER]: '#!/usr/bin/perl\n', '/etc/orion/keeper.json': JSON.stringify(CONFIG) })
    assert.equal(JSON.parse(await session.text(KEEPER, 'status')).running, false)
    await write({ '/etc/systemd/system/orion-keeper.service': '[Service]\n' })
    await script('orion-keeper-activate', '/etc/systemd/system/orion-keeper.service', 'orion-keeper.service')
    host.lab.hostFaults.add({ match: { command: '^temperature$' }, action: { code: 91 } })
    const { state, readings, alarms } = JSON.parse(await session.text(KEEPER, 'status'))
    assert.deepEqual([state, readings[0].celsius, alarms.length], ['hot', 91, 1])
    const { actions, skipped } = JSON.parse(await session.text(KEEPER, 'test', '85'))
    assert.deepEqual(
      actions.map(({ order, action, vmid }: Record<string, unknown>) => `${order} ${action} ${vmid}`),
      ['1 balloon 100', '2 shutdown 100', '3 stop 100'],
    )
    assert.deepEqual(
      skipped.map(({ vmid, reason }: Record<string, unknown>) => [vmid, reason]),
      [[101, 'another guest has its number']],
    )
    assert.deepEqual(JSON.parse(await session.text(KEEPER, 'test', '75')).actions, [])
    assert.equal((await session.run([KEEPER, 'test', 'hot'])).code, 2)
  })

  it('the watchdog is that of Proxmox VE', async () => {
    assert.match(await script('orion-watchdog-look', '/dev/watchdog'), /^device\|\/dev\/watchdog\|watchdog0\n/)
    assert.match(await script('orion-watchdog-look', '/dev/watchdog7'), /^device\|\/dev\/watchdog7\|-\n/)
    assert.equal(await script('orion-serial-look', '/dev/ttyUSB9'), 'absent\n')
  })
})
