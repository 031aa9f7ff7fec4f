import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const alpine = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'
const vm = '/nodes/n1/qemu/100/status'
const ct = '/nodes/n1/lxc/101/status'

describe('lab/routes/power', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, agent: '1' })
    await bench.finish('POST /nodes/n1/lxc', { vmid: 101, ostemplate: alpine, rootfs: 'local-zfs:1' })
  })
  afterEach(() => bench.close())

  for (const base of [vm, ct]) {
    it(`${base}: runs, restarts, stops`, async () => {
      const status = async () => ((await bench.send(`GET ${base}/current`)) as Row).status
      for (const [action, after] of [
        ['start', 'running'],
        ['reboot', 'running'],
        ['suspend', 'running'],
        ['resume', 'running'],
        ['shutdown', 'stopped'],
        ['start', 'running'],
        ['stop', 'stopped'],
      ]) {
        assert.equal(await bench.finish(`POST ${base}/${action}`), 'OK')
        assert.equal(await status(), after)
      }
    })
  }

  it('finds out inside the task that a VM runs, and before it that a container does', async () => {
    await bench.finish(`POST ${vm}/start`)
    await bench.finish(`POST ${ct}/start`)
    assert.equal(await bench.finish(`POST ${vm}/start`), 'VM 100 already running')
    assert.equal(await bench.refusal(`POST ${ct}/start`), '500 CT 101 already running\n')
  })

  for (const [request, text] of [
    [`POST ${vm}/reboot`, '500 VM 100 not running\n'],
    [`POST ${ct}/stop`, '500 CT 101 not running\n'],
    [`POST ${ct}/shutdown`, '500 CT 101 not running\n'],
  ] as const) {
    it(`refuses ${request} of a stopped guest`, async () => assert.equal(await bench.refusal(request), text))
  }

  const broken: [Row, RegExp][] = [
    [{ net0: 'virtio,bridge=vmbr9' }, /bridge 'vmbr9' does not exist/],
    [{ memory: String(65536 * 2) }, /cannot allocate memory/],
    [{ cores: 64 }, /^MAX 16 vcpus allowed per VM on this node$/],
    [{ ide2: 'local:iso/none.iso,media=cdrom' }, /^volume 'local:iso\/none.iso' does not exist$/],
    [{ hostpci0: 'mapping=gpu' }, /^PCI device mapping not found for 'gpu'$/],
    [{ template: true }, /template$/],
  ]
  for (const [change, exit] of broken) {
    it(`does not start with ${JSON.stringify(change)}`, async () => {
      await bench.send('PUT /nodes/n1/qemu/100/config', change)
      assert.match(await bench.finish(`POST ${vm}/start`), exit)
      assert.equal(bench.world.state.guests['100']?.status, 'stopped')
    })
  }

  it('does not start what is locked', async () => {
    await bench.send('PUT /nodes/n1/qemu/100/config', { lock: 'backup' })
    assert.equal(await bench.finish(`POST ${vm}/start`), 'VM is locked (backup)')
    assert.equal(await bench.finish(`POST ${vm}/start`, { skiplock: true }), 'OK')
  })
})
