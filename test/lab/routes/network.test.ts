import assert from 'node:assert/strict'
import { renewHardware } from '../../../src/lab/world-file.ts'
import { type Bench, hardware, openBench, type Row } from '../requests.ts'

const path = '/nodes/n1/network'

describe('lab/routes/network', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const names = async (params: Row = {}) =>
    ((await bench.send(`GET ${path}`, params)) as Row[]).map(({ iface }) => iface)
  const show = (iface: string) => bench.send(`GET ${path}/${iface}`) as Promise<Row>
  const put = (iface: string, params: Row) => bench.send(`PUT ${path}/${iface}`, { type: 'bridge', ...params })
  const apply = () => bench.finish(`PUT ${path}`)
  const addVm = (bridge: string) => bench.finish('POST /nodes/n1/qemu', { vmid: 100, net0: `virtio,bridge=${bridge}` })
  const start = () => bench.finish('POST /nodes/n1/qemu/100/status/start')

  it('lists the bridges of a node', async () => {
    assert.deepEqual(await names({ type: 'any_bridge' }), ['vmbr0', 'vmbr1'])
    assert.deepEqual(await names({ type: 'bond' }), [])
    assert.match(await bench.refusal('GET /nodes/n2/network/vmbr1'), /^500 interface does not exist/)
  })

  it('only writes down what is new until it is applied', async () => {
    await addVm('vmbr9')
    await bench.send(`POST ${path}`, { iface: 'vmbr9', type: 'bridge', autostart: true, cidr: '10.0.0.1/24' })
    assert.equal((await show('vmbr9')).active, undefined)
    assert.match(await start(), /bridge 'vmbr9' does not exist$/)
    assert.equal(await apply(), 'OK')
    const { active, method } = await show('vmbr9')
    assert.deepEqual([active, method], [1, 'static'])
    assert.equal(await start(), 'OK')
  })

  it('forgets what is new when it is reverted', async () => {
    await bench.send(`POST ${path}`, { iface: 'vmbr9', type: 'bridge' })
    await bench.send(`DELETE ${path}/vmbr1`)
    assert.deepEqual(await names(), ['vmbr0', 'vmbr9'])
    await bench.send(`DELETE ${path}`)
    assert.deepEqual(await names(), ['vmbr0', 'vmbr1'])
  })

  it('takes a bridge away from what starts later', async () => {
    await addVm('vmbr1')
    await bench.send(`DELETE ${path}/vmbr1`)
    await apply()
    assert.match(await start(), /bridge 'vmbr1' does not exist$/)
    // Hardware that has not changed does not bring it back; a bridge that is new in it comes.
    const [first, ...others] = hardware().nodes
    assert.ok(first)
    renewHardware(bench.world, hardware({ nodes: [{ ...first, bridges: [...first.bridges, 'vmbr5'] }, ...others] }))
    assert.deepEqual(await names(), ['vmbr0', 'vmbr5'])
  })

  it('keeps what a change does not name, but for autostart', async () => {
    await put('vmbr0', { cidr: '10.0.0.1/24', autostart: true, mtu: 9000 })
    await put('vmbr0', { comments: 'lan' })
    const { cidr, mtu, autostart, method } = await show('vmbr0')
    assert.deepEqual([cidr, mtu, autostart, method], ['10.0.0.1/24', 9000, undefined, 'static'])
  })

  it('stays manual once its address was deleted', async () => {
    await put('vmbr0', { cidr: '10.0.0.1/24' })
    await put('vmbr0', { delete: 'cidr' })
    await put('vmbr0', { cidr: '10.0.0.2/24' })
    const { cidr, method, ...more } = await show('vmbr0')
    assert.deepEqual([cidr, method, 'taken' in more], ['10.0.0.2/24', 'manual', false])
  })

  it('refuses what is there already, and what is not', async () => {
    const taken = await bench.refusal(`POST ${path}`, { iface: 'vmbr0', type: 'bridge' })
    assert.equal(taken, '400 {"iface":"interface already exists\\n"}')
    for (const verb of ['PUT', 'DELETE']) {
      assert.match(await bench.refusal(`${verb} ${path}/vmbr9`, { type: 'bridge' }), /^500 interface does not exist/)
    }
  })
})
