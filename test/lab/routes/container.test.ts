import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const debian = 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst'
const alpine = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'

describe('lab/routes/container', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const create = (params: Row) => bench.finish('POST /nodes/n1/lxc', { vmid: 100, rootfs: 'local-zfs:8', ...params })
  const config = async () => (await bench.send('GET /nodes/n1/lxc/100/config')) as Row

  it('is made from a template, with what was left open filled in', async () => {
    const net0 = 'name=eth0,bridge=vmbr0,ip=10.0.0.2/24,gw=10.0.0.1,hwaddr=02:00:00:00:00:01'
    assert.equal(
      await create({ ostemplate: alpine, hostname: 'a', net0, mp0: 'data:2,mp=/data', description: 'hi' }),
      'OK',
    )
    const { digest: _, ...rest } = await config()
    assert.deepEqual(rest, {
      arch: 'amd64',
      hostname: 'a',
      memory: 512,
      swap: 512,
      ostype: 'alpine',
      unprivileged: 1,
      description: 'hi\n',
      net0: 'name=eth0,bridge=vmbr0,gw=10.0.0.1,hwaddr=02:00:00:00:00:01,ip=10.0.0.2/24,type=veth',
      rootfs: 'local-zfs:subvol-100-disk-0,size=8G',
      mp0: 'data:100/vm-100-disk-0.raw,mp=/data,size=2G',
    })
  })

  for (const [params, exit] of [
    [{ ostemplate: debian }, 'WARNINGS: 1'],
    [{ ostemplate: debian, features: 'nesting=1' }, 'OK'],
    [{ ostemplate: debian, unprivileged: false }, 'OK'],
    [{ ostemplate: alpine }, 'OK'],
  ] as const) {
    it(`${JSON.stringify(params)} ends as ${exit}`, async () => assert.equal(await create(params), exit))
  }

  it('is privileged unless asked otherwise on version 8', async () => {
    const old = await openBench({ version: '8.4.14' })
    try {
      await old.finish('POST /nodes/n1/lxc', { vmid: 100, rootfs: 'local-zfs:1', ostemplate: alpine })
      assert.equal(old.world.state.guests['100']?.config.unprivileged, undefined)
    } finally {
      await old.close()
    }
  })

  it('misses its template only inside the task', async () => {
    const exit = await create({ ostemplate: 'local:vztmpl/none.tar.zst' })
    assert.equal(exit, "unable to create CT 100 - volume 'local:vztmpl/none.tar.zst' does not exist")
    assert.deepEqual(bench.world.state.guests, {})
  })

  it('refuses a storage without containers at once', async () => {
    const wish = { vmid: 100, ostemplate: alpine, rootfs: 'local:8' }
    assert.match(await bench.refusal('POST /nodes/n1/lxc', wish), /^400 .*does not support container directories/)
  })

  it('is listed with its kind', async () => {
    await create({ ostemplate: alpine, tags: 'x' })
    const [row] = (await bench.send('GET /nodes/n1/lxc')) as Row[]
    assert.deepEqual(
      [row?.vmid, row?.type, row?.status, row?.tags, row?.maxdisk],
      [100, 'lxc', 'stopped', 'x', 8 * 1024 ** 3],
    )
  })

  it('goes, running too when it is forced', async () => {
    await create({ ostemplate: alpine })
    await bench.finish('POST /nodes/n1/lxc/100/status/start')
    assert.equal(
      await bench.refusal('DELETE /nodes/n1/lxc/100'),
      '500 unable to destroy CT 100 - container is running\n',
    )
    assert.equal(await bench.finish('DELETE /nodes/n1/lxc/100', { force: true }), 'OK')
    assert.ok(!bench.world.state.volumes.some(({ vmid }) => vmid === 100))
  })
})
