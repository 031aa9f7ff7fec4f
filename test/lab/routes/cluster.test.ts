import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const alpine = 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz'

describe('lab/routes/cluster', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, name: 'a', cores: 2, sockets: 2, memory: '1024', tags: 't' })
    await bench.finish('POST /nodes/n2/lxc', { vmid: 101, hostname: 'b', ostemplate: alpine, rootfs: 'data:1' })
  })
  afterEach(() => bench.close())

  const resources = async (params: Row = {}, who?: { user: string }) =>
    (await bench.send('GET /cluster/resources', params, who)) as Row[]

  it('says which version it is', async () => {
    const { version, release } = (await bench.send('GET /version')) as Row
    assert.deepEqual([version, release], ['9.1.4', '9.1'])
  })

  for (const [type, ids] of [
    ['vm', ['qemu/100', 'lxc/101']],
    ['node', ['node/n1', 'node/n2']],
    ['sdn', ['sdn/n1/localnetwork', 'sdn/n2/localnetwork']],
  ] as const) {
    it(`lists resources of type ${type}`, async () => {
      assert.deepEqual(
        (await resources({ type })).map(({ id }) => id),
        ids,
      )
    })
  }

  it('shows of a guest what a plan needs', async () => {
    const [row] = await resources({ type: 'vm' })
    const { vmid, node, type, name, status, maxcpu, maxmem, tags, template } = row ?? {}
    assert.deepEqual(
      { vmid, node, type, name, status, maxcpu, maxmem, tags, template },
      {
        vmid: 100,
        node: 'n1',
        type: 'qemu',
        name: 'a',
        status: 'stopped',
        maxcpu: 4,
        maxmem: 1024 ** 3,
        tags: 't',
        template: 0,
      },
    )
  })

  it('leaves out silently what somebody may not see', async () => {
    await bench.send('POST /access/users', { userid: 'a@pve' })
    await bench.send('PUT /access/acl', { path: '/vms/101', roles: 'PVEAuditor', users: 'a@pve' })
    const rows = await resources({}, { user: 'a@pve' })
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['lxc/101', 'node/n1', 'node/n2'],
    )
  })

  it('gives the next free VMID as text, and refuses one in use', async () => {
    assert.equal(await bench.send('GET /cluster/nextid'), '102')
    assert.equal(await bench.send('GET /cluster/nextid', { vmid: 500 }), '500')
    assert.equal(await bench.refusal('GET /cluster/nextid', { vmid: 100 }), `400 {"vmid":"VM 100 already exists\\n"}`)
  })

  it('counts memory of running guests on their node', async () => {
    const used = async () => ((await bench.send('GET /nodes/n1/status')) as { memory: { used: number } }).memory.used
    const before = await used()
    await bench.finish('POST /nodes/n1/qemu/100/status/start')
    assert.equal((await used()) - before, 1024 ** 3)
  })
})
