import assert from 'node:assert/strict'
import { Envelope } from '../../../src/lab/route.ts'
import { taskRoutes } from '../../../src/lab/routes/task.ts'
import { type Bench, openBench, type Row, root } from '../requests.ts'

describe('lab/routes/task', () => {
  let bench: Bench & { close(): Promise<void> }
  let upid: string
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100 })
    await bench.finish('POST /nodes/n1/qemu', { vmid: 101, scsi0: 'local-zfs:0,import-from=data:import/none.qcow2' })
    upid = Object.keys(bench.world.state.tasks)[0] ?? ''
  })
  afterEach(() => bench.close())

  const list = async (params: Row = {}, who = root) => (await bench.send('GET /nodes/n1/tasks', params, who)) as Row[]

  it('tells the state, with the UPID raw or encoded', async () => {
    for (const id of [upid, encodeURIComponent(upid)]) {
      const status = (await bench.send(`GET /nodes/n1/tasks/${id}/status`)) as Row
      assert.deepEqual(
        [status.status, status.exitstatus, status.type, status.user],
        ['stopped', 'OK', 'qmcreate', 'root@pam'],
      )
    }
  })

  const filters: [Row, string[]][] = [
    [{}, ['101', '100']],
    [{ errors: true }, ['101']],
    [{ statusfilter: ['ok'] }, ['100']],
    [{ vmid: 100 }, ['100']],
    [{ typefilter: 'qmstart' }, []],
    [{ source: 'active' }, []],
    [{ limit: 1 }, ['101']],
    [{ start: 1 }, ['100']],
    [{ userfilter: 'nobody' }, []],
    [{ until: 1 }, []],
  ]
  for (const [params, ids] of filters) {
    it(`lists by ${JSON.stringify(params)}`, async () => {
      assert.deepEqual(
        (await list(params)).map(({ id }) => id),
        ids,
      )
    })
  }

  it('pages its log, and says how long it is', async () => {
    const task = bench.world.state.tasks[upid]
    assert.ok(task)
    task.log = ['a', 'b', 'c']
    const call = { method: 'GET' as const, template: '', ids: { node: 'n1', upid }, params: { start: 1, limit: 1 } }
    const answer = taskRoutes['GET /nodes/{node}/tasks/{upid}/log']?.({
      ...call,
      who: root,
      world: bench.world,
      allowed: () => true,
    })
    assert.ok(answer instanceof Envelope)
    assert.deepEqual(answer.members, { data: [{ n: 2, t: 'b' }], total: 3 })
  })

  it('is for its user only, and for who may look at the node', async () => {
    await bench.send('POST /access/users', { userid: 'a@pve' })
    const who = { user: 'a@pve' }
    assert.match(await bench.refusal(`GET /nodes/n1/tasks/${upid}/status`, {}, who), /^403 .*\/nodes\/n1, Sys.Audit/)
    assert.deepEqual(await list({}, who), [])
    await bench.send('PUT /access/acl', { path: '/nodes', roles: 'PVEAuditor', users: 'a@pve' })
    assert.equal((await list({}, who)).length, 2)
  })

  it('is stopped, and what it began is undone', async () => {
    const slow = await openBench({}, 1000)
    try {
      const running = String(await slow.send('POST /nodes/n1/qemu', { vmid: 100 }))
      await slow.send(`DELETE /nodes/n1/tasks/${running}`)
      while (slow.world.state.tasks[running]?.endMs === undefined) await new Promise((resolve) => setImmediate(resolve))
      assert.match(slow.world.state.tasks[running].exit ?? '', /interrupted by signal$/)
      assert.deepEqual(slow.world.state.guests, {})
    } finally {
      await slow.close()
    }
  })

  it('is not found under a text that is no UPID', async () => {
    assert.equal(await bench.refusal('GET /nodes/n1/tasks/x/status'), "500 unable to parse worker upid 'x'\n")
  })
})
