// Plain progress: one line per event, each with its step and its time.
import assert from 'node:assert/strict'
import { showLines } from '../../src/console/progress-lines.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import { makeSink, page } from './plain.ts'

const router = { id: 'vm:n1/200', title: 'router', verb: 'create' } as const
const events: EngineEvent[] = [
  { kind: 'plan-progress', done: 1, total: 1 },
  { kind: 'apply-started', total: 2 },
  { kind: 'step-started', ...router },
  { kind: 'step-news', ...router, news: { kind: 'task', upid: 'UPID:n1:', state: 'running' } },
  { kind: 'step-news', ...router, news: { kind: 'info', text: 'import at 40 %\n' } },
  { kind: 'step-news', ...router, news: { kind: 'warning', text: 'slow disk' } },
  { kind: 'step-ended', ...router, outcome: 'done', ms: 1500 },
  {
    kind: 'step-ended',
    ...router,
    outcome: 'failed',
    ms: 20_000,
    problem: { code: 'E_TASK', message: 'no:\n  room', suggestions: [] },
  },
  { kind: 'probe-ended', id: 'node-online:n1', title: 'n1', state: 'ok', ms: 3 },
  { kind: 'probe-ended', id: 'guest-running:n1/200', title: 'router', state: 'failed', ms: 3 },
]

describe('console/progress-lines', () => {
  it('writes lines that stand alone', async () => {
    const { stream, text } = makeSink()
    const clock = { now: 1000 }
    const progress = showLines(stream, () => clock.now)
    for (const event of events) {
      clock.now += 1250
      progress.on(event)
    }
    await progress.stop()
    const golden = page(`
         3.8s  vm router (n1/200): create
         6.3s  vm router (n1/200): import at 40 %
         7.5s  vm router (n1/200): warning: slow disk
         8.8s  vm router (n1/200): done (1.5 s)
        10.0s  vm router (n1/200): failed (20 s): no: room
        12.5s  guest running: router (n1/200): failed
    `)
    assert.equal(text(), `${golden}\n`)
  })
})
