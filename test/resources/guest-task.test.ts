// Tasks of a guest: after a lost answer what runs is waited for, and what is done already is no failure.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import { startGuest, stopGuest } from '../../src/resources/guest-power.ts'
import { runTask } from '../../src/resources/guest-task.ts'
import { type Answers, fakeCluster } from './fake-cluster.ts'
import { testGuest } from './test-site.ts'

const START = 'POST /nodes/n2/qemu/100/status/start'
const STOP = 'POST /nodes/n2/qemu/100/status/shutdown'
const fail = (message: string, code: 'E_TASK' | 'E_PVE_LOST') => () => {
  throw new OrionError(message, { code, recheck: code === 'E_PVE_LOST' })
}

async function result(answers: Answers, act: typeof startGuest): Promise<unknown> {
  const cluster = fakeCluster(answers)
  try {
    await act(testGuest(), 'n2', { outside: cluster.outside, note: cluster.note })
    return 'done'
  } catch (error) {
    return error instanceof OrionError ? error.message : error
  }
}

describe('resources/guest-task', () => {
  it('waits for what runs on the guest before it says that an answer was lost', async () => {
    const cluster = fakeCluster({
      [START]: fail('no answer', 'E_PVE_LOST'),
      'GET /nodes/n2/tasks': [{ upid: 'UPID:n1:running' }, { upid: 'UPID:n1:ended', endtime: 5 }],
    })
    const doing = { outside: cluster.outside, note: cluster.note }
    await assert.rejects(
      runTask(testGuest(), 'n2', doing, (api) => api.start()),
      { code: 'E_PVE_LOST', recheck: true },
    )
    assert.deepEqual(cluster.calls, [START, 'GET /nodes/n2/tasks source=active vmid=100', 'task running'])
  })

  it('asks for no tasks where nothing was lost', async () => {
    const cluster = fakeCluster({})
    await startGuest(testGuest(), 'n2', { outside: cluster.outside, note: cluster.note })
    assert.deepEqual(cluster.calls, [START, `task ${START}`])
  })

  it('what is done already is done; every other failure stays one', async () => {
    assert.equal(await result({ [START]: fail('VM 100 already running', 'E_TASK') }, startGuest), 'done')
    assert.equal(await result({ [STOP]: fail('CT 100 not running', 'E_TASK') }, stopGuest), 'done')
    const agent = 'QEMU guest agent is not running'
    assert.equal(await result({ [STOP]: fail(agent, 'E_TASK') }, stopGuest), agent)
    assert.equal(await result({ [START]: fail('no bridge', 'E_TASK') }, startGuest), 'no bridge')
  })

  it('suggests to make the bridge that a guest cannot be plugged into', async () => {
    const message = "The task qmstart 100 failed: bridge 'vmbr1' does not exist"
    const cluster = fakeCluster({ [START]: fail(message, 'E_TASK') })
    await assert.rejects(startGuest(testGuest(), 'n2', { outside: cluster.outside, note: cluster.note }), {
      code: 'E_TASK',
      message,
      suggestions: ['make the bridge first: orion net apply --node n2'],
    })
  })
})
