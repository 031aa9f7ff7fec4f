import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../../src/errors.ts'
import type { Engine } from '../../src/pve/engine.ts'
import type { TaskNote } from '../../src/pve/pve.ts'
import { waitForTask } from '../../src/pve/task.ts'
import { getError, getStage } from './client.ts'
import { cut, inTurn, type Reply, sendData, sendError, silent } from './fake-server.ts'

const UPID = 'UPID:pve1:00001A2B:00ABCDEF:65F0C0DE:qmcreate:100:orion@pve!orion:'
const running = sendData({ status: 'running' })
const stopped = (exitstatus: string): Reply => sendData({ status: 'stopped', exitstatus })
const lines = (...texts: string[]) => texts.map((t, index) => ({ n: index + 1, t }))
const withLog =
  (status: Reply, log: Reply): Reply =>
  (response, seen, socket) =>
    (seen.url.includes('/log') ? log : status)(response, seen, socket)

describe('task', () => {
  const { start, connect } = getStage()
  const run = async (reply: Reply, options?: { timeoutMs: number }) => {
    const server = await start(reply)
    const news: Parameters<TaskNote>[0][] = []
    const client = connect([server])
    const work = client.cluster.task(UPID, (one) => news.push(one), options)
    work.catch(() => undefined) // looked at by the test itself
    return { ...client, server, news, work }
  }

  it('waits for OK, and notes the beginning and the end', async () => {
    const { work, server, news } = await run(inTurn(running, running, stopped('OK')))
    await work
    assert.deepEqual(news, [
      { kind: 'task', upid: UPID, state: 'running' },
      { kind: 'task', upid: UPID, state: 'ended' },
    ])
    assert.equal(server.seen.length, 3)
    assert.equal(server.seen[0]?.url, `/api2/json/nodes/pve1/tasks/${encodeURIComponent(UPID)}/status`)
  })

  it('warnings are success, and noted with the tail of the log', async () => {
    const log = lines('', 'WARN: Systemd 252 detected', 'TASK WARNINGS: 1')
    const { work, news } = await run(withLog(stopped('WARNINGS: 1'), sendData(log, { total: 3 })))
    await work
    const warning = news.at(-1)
    assert.equal(warning?.kind, 'warning')
    assert.match(JSON.stringify(warning), /WARNINGS: 1\\n {2}WARN: Systemd 252 detected\\n {2}TASK WARNINGS: 1/)
  })

  it('any other end is E_TASK with the last lines of a long log', async () => {
    const log: Reply = (response, seen, socket) => {
      const first = Number(new URL(seen.url, 'https://x').searchParams.get('start'))
      sendData(lines(...Array.from({ length: 500 }, (_, index) => `line ${first + index}`)), { total: 1200 })(
        response,
        seen,
        socket,
      )
    }
    const error = await getError((await run(withLog(stopped('import failed'), log))).work)
    assert.deepEqual([error.code, error.recheck], ['E_TASK', false])
    assert.match(error.message, /qmcreate 100 on pve1 .* failed: import failed\n {2}line 1195\n(.*\n)*.* {2}line 1199$/)
  })

  it('ends with the lines that matter, and without the one that repeats the status', async () => {
    const said = [
      'transferred 1.0 GiB of 8.0 GiB (12.50%)',
      'qemu-img: error while writing: No space left',
      'a',
      'b',
      'c',
    ]
    const log = lines(...said, 'd', 'e', 'TASK ERROR: import failed')
    const error = await getError((await run(withLog(stopped('import failed'), sendData(log, { total: 8 })))).work)
    assert.deepEqual(error.message.split('\n  ').slice(1), [said[1], 'b', 'c', 'd', 'e'])
  })

  it('passes the log of a task that takes its time on as it comes, each line once', async () => {
    const log = ['first', '', 'second\u001b[2J', 'third', 'TASK OK']
    let looks = 0
    const call: Engine['call'] = async (_method, path, _template, params = {}) => {
      if (path.endsWith('/status')) {
        looks += 1
        return { data: looks < 5 ? { status: 'running' } : { status: 'stopped', exitstatus: 'OK' } }
      }
      const there = looks < 2 ? [] : log.slice(0, looks)
      const all = there.length === 0 ? ['no content'] : there
      return { data: lines(...all).slice(Number(params.start)), total: all.length }
    }
    const news: Parameters<TaskNote>[0][] = []
    const signal = new AbortController().signal
    await waitForTask({ call } as Engine, UPID, (one) => news.push(one), { signal, quietMs: 0 })
    const told = news.flatMap((one) => (one.kind === 'log' ? [one.text] : []))
    assert.deepEqual(told, ['first', 'second [2J', 'third', 'TASK OK'])
    assert.deepEqual(news.at(-1), { kind: 'task', upid: UPID, state: 'ended' })
  })

  it('a log that cannot be had is no reason to fail', async () => {
    let looks = 0
    const call: Engine['call'] = async (_method, path) => {
      if (!path.endsWith('/status')) throw new OrionError('no', { code: 'E_PVE_DENIED' })
      looks += 1
      return { data: looks < 3 ? { status: 'running' } : { status: 'stopped', exitstatus: 'OK' } }
    }
    await waitForTask({ call } as Engine, UPID, () => {}, { signal: new AbortController().signal, quietMs: 0 })
  })

  it('a lock that could not be had is E_PVE_BUSY', async () => {
    const text = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout"
    const error = await getError((await run(withLog(stopped(text), sendData([])))).work)
    assert.deepEqual([error.code, error.recheck], ['E_PVE_BUSY', true])
  })

  it('says how it ended also where the log cannot be had', async () => {
    const error = await getError((await run(withLog(stopped('boom'), sendError(500, 'no')))).work)
    assert.match(error.message, /failed: boom$/)
  })

  it('survives lost answers, and a node that does not know it yet', async () => {
    const { work } = await run(inTurn(cut, sendError(596, 'x'), sendError(500, 'no such task'), running, stopped('OK')))
    await work
  })

  it('ends at once where it may not look', async () => {
    const error = await getError((await run(sendError(403, 'Permission check failed (/, Sys.Audit)'))).work)
    assert.equal(error.code, 'E_PVE_DENIED')
  })

  for (const [name, reply] of [
    ['between two looks', running],
    ['during a look', silent],
  ] as const) {
    it(`an interruption ${name} ends the wait at once and names the task`, async () => {
      const { work, abort, server } = await run(reply)
      while (server.seen.length === 0) await sleep(2)
      abort.abort()
      const error = await getError(work)
      assert.equal(error.code, 'E_INTERRUPTED')
      assert.ok(error.message.includes(UPID))
    })
  }

  it('has a limit', async () => {
    const error = await getError((await run(running, { timeoutMs: 100 })).work)
    assert.deepEqual([error.code, error.recheck], ['E_TASK', true])
    assert.match(error.message, /not ended within 0\.1 s/)
  })

  it('refuses what is no UPID', async () => {
    const { cluster } = connect([await start()])
    assert.equal((await getError(cluster.task('x', () => undefined))).code, 'E_PVE_ANSWER')
  })
})
