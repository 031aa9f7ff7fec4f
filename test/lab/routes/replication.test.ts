// Replication jobs of the lab, as strict as Proxmox VE is.
import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const job = { id: '100-0', type: 'local', target: 'n2', schedule: '*/5' }
const jobs = '/cluster/replication'

describe('lab/routes/replication', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, scsi0: 'local-zfs:4' })
    await bench.finish('POST /nodes/n1/qemu', { vmid: 101, scsi0: 'data:4' })
    await bench.finish('POST /nodes/n1/qemu', { vmid: 102 })
  })
  afterEach(() => bench.close())

  it('keeps a job, runs it in time, and removes it at its next turn', async () => {
    await bench.send(`POST ${jobs}`, job)
    const shown = { ...job, source: 'n1', guest: 100, jobnum: 0 }
    assert.deepEqual(await bench.send(`GET ${jobs}`), [{ ...shown }])
    const [status] = (await bench.send('GET /nodes/n1/replication')) as Row[]
    assert.equal(status?.fail_count, 0)
    assert.ok(Number(status?.last_sync) <= Date.now() / 1000 && Number(status?.next_sync) > Date.now() / 1000)
    assert.deepEqual(await bench.send('GET /nodes/n2/replication'), [])
    await bench.send(`DELETE ${jobs}/100-0`)
    assert.equal(((await bench.send(`GET ${jobs}/100-0`)) as Row).remove_job, 'full')
    await bench.send(`DELETE ${jobs}/100-0`, { force: true })
    assert.deepEqual(await bench.send(`GET ${jobs}`), [])
  })

  const refused: readonly (readonly [string, string, Row, RegExp])[] = [
    ['no guest', `POST ${jobs}`, { ...job, id: '999-0' }, /^500 Guest '999' does not exist/],
    ['no target', `POST ${jobs}`, { ...job, id: '100-1', target: 'n9' }, /^500 Target 'n9' does not exist/],
    ['its own node', `POST ${jobs}`, { ...job, id: '100-1', target: 'n1' }, /^500 Source and target/],
    ['no ZFS', `POST ${jobs}`, { ...job, id: '101-0' }, /^500 missing replicate feature on volume 'data:/],
    ['no disk', `POST ${jobs}`, { ...job, id: '102-0' }, /^500 No replicatable volumes found/],
    ['one id twice', `POST ${jobs}`, job, /^500 replication job '100-0' already exists/],
    [
      'one target twice',
      `POST ${jobs}`,
      { ...job, id: '100-1' },
      /^500 replication job for guest '100' to target 'n2'/,
    ],
    ['a missing one', `PUT ${jobs}/100-7`, { rate: 1 }, /^500 no such replication job '100-7'/],
    ['another target', `PUT ${jobs}/100-0`, { delete: 'target' }, /^500 unable to delete required option/],
  ]
  for (const [what, request, params, text] of refused)
    it(`refuses ${what}`, async () => {
      await bench.send(`POST ${jobs}`, job)
      assert.match(await bench.refusal(request, params), text)
    })

  it('wants VM.Replicate of the guest since version 9', async () => {
    bench.world.state.access.users['a@pve'] = { enable: true }
    assert.match(await bench.refusal(`POST ${jobs}`, job, { user: 'a@pve' }), /^403 .*VM.Replicate/)
    assert.deepEqual(await bench.send(`GET ${jobs}`, {}, { user: 'a@pve' }), [])
  })
})
