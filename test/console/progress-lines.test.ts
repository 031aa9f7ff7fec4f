// Plain progress: one line per event, each with its step and its time.
import assert from 'node:assert/strict'
import { getLine, showLines } from '../../src/console/progress-lines.ts'
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
  { kind: 'probe-ended', id: 'node-online:n1', title: 'n1', state: 'ok', expected: '', seen: '', looks: 1, ms: 3 },
  {
    kind: 'probe-ended',
    id: 'guest-running:n1/200',
    title: 'router',
    state: 'failed',
    expected: '',
    seen: '',
    looks: 1,
    ms: 3,
  },
]

describe('console/progress-lines', () => {
  it('writes lines that stand alone', async () => {
    const { stream, text } = makeSink()
    const clock = { now: 1000 }
    const progress = showLines(stream, { now: () => clock.now })
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

  for (const [lastMs, waiting, told] of [
    [undefined, undefined, ''],
    [2_000, undefined, ''],
    [125_000, undefined, ' (about 2 min)'],
    [undefined, 1, ' (1 step waits for it)'],
    [41_000, 5, ' (about 40 s; 5 steps wait for it)'],
  ] as const)
    it(`says of a step that took ${lastMs} ms and that ${waiting} wait for${told || ': nothing'}`, () => {
      const more = { ...(lastMs === undefined ? {} : { lastMs }), ...(waiting === undefined ? {} : { waiting }) }
      const event = { kind: 'step-started', id: 'vm:n1/200', title: 'router', verb: 'create', ...more } as const
      assert.equal(getLine(event), `vm router (n1/200): create${told}`)
    })

  it('shows the log of a task where everything is wanted, and nothing in it that a terminal would obey', () => {
    const news = { kind: 'log', upid: 'UPID:x', text: 'half \u001b[2Jdone\r\n' } as const
    const event = { kind: 'step-news', id: 'vm:n1/200', title: 'router', news } as const
    assert.equal(getLine(event), undefined)
    assert.equal(getLine(event, true), 'vm router (n1/200): | half done')
  })
})
