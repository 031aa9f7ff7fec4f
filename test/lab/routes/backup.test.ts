// Backup jobs of the lab, as strict as Proxmox VE is.
import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const job = { id: 'night', schedule: '02:30', storage: 'local', vmid: '100,101', 'prune-backups': 'keep-daily=7' }

describe('lab/routes/backup', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  it('keeps a job, tells what it keeps in parts, and when it runs next', async () => {
    await bench.send('POST /cluster/backup', job)
    const [row] = (await bench.send('GET /cluster/backup')) as Row[]
    const { 'next-run': next, ...rest } = row ?? {}
    assert.deepEqual(rest, { ...job, type: 'vzdump', enabled: 1, 'prune-backups': { 'keep-daily': '7' } })
    assert.ok(Number(next) > Date.now() / 1000)
    assert.deepEqual(await bench.send('GET /cluster/backup/night'), row)
    await bench.send('DELETE /cluster/backup/night')
    assert.deepEqual(await bench.send('GET /cluster/backup'), [])
  })

  it('one choice of guests takes the place of another', async () => {
    const { vmid: _, ...rest } = job
    await bench.send('POST /cluster/backup', { ...rest, all: true })
    await bench.send('PUT /cluster/backup/night', { vmid: '100', delete: 'prune-backups' })
    const row = (await bench.send('GET /cluster/backup/night')) as Row
    assert.deepEqual([row.vmid, row.all, row['prune-backups']], ['100', undefined, undefined])
  })

  const refused: readonly (readonly [string, string, Row, RegExp])[] = [
    ['a missing one', 'GET /cluster/backup/x', {}, /^500 400 Parameter verification failed.\nid: No such job/],
    ['one id twice', 'POST /cluster/backup', job, /^500 Job 'night' already exists/],
    ['no schedule', 'POST /cluster/backup', { id: 'b', vmid: '100' }, /^400 .*schedule/],
    ['no guests', 'POST /cluster/backup', { id: 'b', schedule: 'daily' }, /^400 .*vmid/],
    ['two choices', 'POST /cluster/backup', { id: 'b', schedule: 'daily', vmid: '1', all: true }, /^400 .*conflicts/],
  ]
  for (const [what, request, params, text] of refused)
    it(`refuses ${what}`, async () => {
      await bench.send('POST /cluster/backup', job)
      assert.match(await bench.refusal(request, params), text)
    })

  it('what only root may set, a user may not; and the storage asks for its right', async () => {
    bench.world.state.access.roles.Some = ['Sys.Modify', 'Sys.Audit']
    bench.world.state.access.users['a@pve'] = { enable: true }
    bench.world.state.access.acl.push({ path: '/', kind: 'user', ugid: 'a@pve', role: 'Some', propagate: true })
    const who = { user: 'a@pve' }
    assert.match(await bench.refusal('POST /cluster/backup', { ...job, script: '/x' }, who), /^400 .*Only root/)
    assert.match(await bench.refusal('POST /cluster/backup', job, who), /^403 .*Datastore.Allocate/)
  })

  it('tells when a schedule comes', async () => {
    const starttime = Date.parse('2026-03-14T02:26:53Z') / 1000
    const rows = await bench.send('GET /cluster/jobs/schedule-analyze', { schedule: '02:30', starttime, iterations: 2 })
    assert.deepEqual(rows, [
      { timestamp: starttime + 187, utc: '2026-03-14 02:30:00 UTC' },
      { timestamp: starttime + 187 + 86_400, utc: '2026-03-15 02:30:00 UTC' },
    ])
  })
})
