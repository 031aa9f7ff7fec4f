import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { isBusy, startTask, stopAllTasks, stopTask } from '../../src/lab/tasks.ts'
import type { TaskFault } from '../../src/lab/world.ts'
import { type Bench, openBench, root, rootToken } from './requests.ts'

describe('lab/tasks', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const start = { node: 'n1', type: 'qmcreate', id: '100', who: root }
  const end = async (upid: string) => {
    while (isBusy(bench.world)) await new Promise((resolve) => setImmediate(resolve))
    return bench.world.state.tasks[upid]
  }

  it('makes a UPID of the form that Proxmox VE has, no two alike', async () => {
    const upids = Array.from({ length: 50 }, () => startTask(bench.world, { ...start, who: rootToken }, async () => {}))
    assert.equal(new Set(upids).size, upids.length)
    for (const upid of upids)
      assert.match(upid, /^UPID:n1:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:qmcreate:100:root@pam!lab:$/)
    await end('')
  })

  it('ends as OK, as WARNINGS: n, or as the text of its error', async () => {
    const ok = await end(startTask(bench.world, start, async () => {}))
    const warned = await end(
      startTask(bench.world, start, async (job) => {
        job.warn('one')
        job.warn('two')
      }),
    )
    const failed = await end(
      startTask(bench.world, start, async () => {
        throw new Error('out of space')
      }),
    )
    assert.deepEqual([ok?.exit, warned?.exit, failed?.exit], ['OK', 'WARNINGS: 2', 'out of space'])
    assert.deepEqual(warned?.log, ['WARN: one', 'WARN: two', 'TASK WARNINGS: 2'])
    assert.equal(failed?.log.at(-1), 'TASK ERROR: out of space')
  })

  const faults: [TaskFault, string][] = [
    [{ fail: 'no luck' }, 'no luck'],
    [{ warn: 'careful' }, 'WARNINGS: 1'],
    [{ slowMs: 1 }, 'OK'],
  ]
  for (const [fault, exit] of faults) {
    it(`a fault ${JSON.stringify(fault)} ends it as ${exit}`, async () => {
      bench.world.taskFault = () => fault
      let tidied = false
      const upid = startTask(bench.world, start, async (job) => {
        try {
          await job.take(10)
        } finally {
          tidied = true
        }
      })
      assert.equal((await end(upid))?.exit, exit)
      assert.ok(tidied)
    })
  }

  it('stops everything, also what the end of one task starts', async () => {
    const world = { ...bench.world, pace: 1 }
    startTask(world, start, async (job) => {
      await job.take(60_000).catch(() => undefined)
      startTask(world, start, (inner) => inner.take(60_000))
    })
    const ended = await Promise.race([stopAllTasks(world).then(() => 'ended'), sleep(3000, 'hangs', { ref: false })])
    assert.equal(ended, 'ended')
    assert.deepEqual(
      Object.values(world.state.tasks).map(({ exit }) => exit),
      ['OK', 'interrupted by signal'],
    )
  })

  it('stops when it is told to', async () => {
    const world = { ...bench.world, pace: 1 }
    const upid = startTask(world, start, (job) => job.take(60_000))
    stopTask(world, upid)
    while (isBusy(world)) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(world.state.tasks[upid]?.exit, 'interrupted by signal')
  })
})
