import assert from 'node:assert/strict'
import { type Bench, openBench } from '../requests.ts'

const path = '/nodes/n1/qemu/100/cloudinit'

describe('lab/routes/cloud-init', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', {
      vmid: 100,
      name: 'web',
      ciuser: 'debian',
      cipassword: 'hush',
      sshkeys: encodeURIComponent('ssh-ed25519 AA+A a@b'),
      net0: 'virtio=02:00:00:00:00:AA,bridge=vmbr0',
      ipconfig0: 'ip=10.0.0.5/24,gw=10.0.0.1',
      nameserver: '10.0.0.2 10.0.0.3',
    })
  })
  afterEach(() => bench.close())

  it('writes the user document, without the password', async () => {
    const text = String(await bench.send(`GET ${path}/dump`, { type: 'user' }))
    assert.match(text, /^#cloud-config\nhostname: web\n/)
    assert.match(text, /\nuser: debian\n/)
    assert.match(text, /\nssh_authorized_keys:\n {2}- ssh-ed25519 AA\+A a@b\n/)
    assert.doesNotMatch(text, /hush/)
  })

  it('writes the network document', async () => {
    const text = String(await bench.send(`GET ${path}/dump`, { type: 'network' }))
    assert.match(text, /mac_address: '02:00:00:00:00:aa'/)
    assert.match(text, /type: static\n {8}address: '10.0.0.5\/24'\n {8}gateway: '10.0.0.1'/)
    assert.match(text, /- '10.0.0.2'\n {8}- '10.0.0.3'|- '10.0.0.2'\n +- '10.0.0.3'/)
  })

  it('lists what it would carry, and what waits', async () => {
    await bench.finish('POST /nodes/n1/qemu/100/status/start')
    await bench.send('PUT /nodes/n1/qemu/100/config', { ciuser: 'other' })
    const rows = (await bench.send(`GET ${path}`)) as { key: string }[]
    const row = (name: string) => rows.find(({ key }) => key === name)
    assert.deepEqual(row('ciuser'), { key: 'ciuser', value: 'debian', pending: 'other' })
    assert.deepEqual(row('cipassword'), { key: 'cipassword', value: '**********' })
  })
})
