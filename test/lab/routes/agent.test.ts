import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const path = '/nodes/n1/qemu/100'

describe('lab/routes/agent', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())
  const running = async (params: Row) => {
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, start: true, ...params })
    while (bench.world.state.guests['100']?.status !== 'running') await new Promise((resolve) => setImmediate(resolve))
  }

  const silent: [string, Row, RegExp][] = [
    ['no agent', { scsi0: 'local-zfs:1' }, /No QEMU guest agent configured/],
    ['an agent that is switched off', { scsi0: 'local-zfs:1', agent: '0' }, /No QEMU guest agent configured/],
    ['nothing to boot', { agent: '1' }, /guest agent is not running/],
  ]
  for (const [what, params, text] of silent) {
    it(`says nothing with ${what}`, async () => {
      await running(params)
      assert.match(await bench.refusal(`POST ${path}/agent/ping`), text)
    })
  }

  it('says nothing of a VM that is stopped', async () => {
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, agent: '1', scsi0: 'local-zfs:1' })
    assert.match(await bench.refusal(`POST ${path}/agent/ping`), /^500 VM 100 is not running/)
  })

  it('tells addresses by the MAC address of the NIC', async () => {
    const net0 = 'virtio=02:00:00:00:00:AA,bridge=vmbr0'
    await running({
      agent: 'enabled=1,type=virtio',
      scsi0: 'local-zfs:1',
      net0,
      ipconfig0: 'ip=10.0.0.5/24,ip6=fd00::5/64',
    })
    assert.deepEqual(await bench.send(`POST ${path}/agent/ping`), { result: {} })
    const { result } = (await bench.send(`GET ${path}/agent/network-get-interfaces`)) as { result: Row[] }
    assert.deepEqual(result[1], {
      name: 'eth0',
      'hardware-address': '02:00:00:00:00:aa',
      'ip-addresses': [
        { 'ip-address': '10.0.0.5', 'ip-address-type': 'ipv4', prefix: 24 },
        { 'ip-address': 'fd00::5', 'ip-address-type': 'ipv6', prefix: 64 },
      ],
    })
  })
})
