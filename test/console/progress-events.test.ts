// --events: each event one line of JSON, flat, with nothing in it that a terminal obeys.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { flatten, showEvents, writeEvent } from '../../src/console/progress-events.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import { makeSink } from './plain.ts'

const router = { id: 'vm:n1/200', title: 'router' } as const

describe('console/progress-events', () => {
  const EVENTS: [EngineEvent, object][] = [
    [
      { kind: 'plan-progress', done: 1, total: 2 },
      { event: 'plan-progress', done: 1, total: 2 },
    ],
    [
      { kind: 'step-news', ...router, news: { kind: 'task', upid: 'UPID:n1:', state: 'running' } },
      { event: 'step-news', ...router, news: 'task', upid: 'UPID:n1:', state: 'running' },
    ],
    [
      { kind: 'step-news', ...router, news: { kind: 'warning', text: 'slow' } },
      { event: 'step-news', ...router, news: 'warning', text: 'slow' },
    ],
    [
      {
        kind: 'step-ended',
        ...router,
        verb: 'create',
        outcome: 'failed',
        ms: 5,
        problem: { code: 'E_TASK', message: 'no room', suggestions: ['make some'] },
        thrown: new Error('never told'),
      },
      {
        ...{ event: 'step-ended', ...router, verb: 'create', outcome: 'failed', ms: 5 },
        ...{ code: 'E_TASK', message: 'no room', suggestions: ['make some'] },
      },
    ],
  ]
  for (const [event, flat] of EVENTS)
    it(`${event.kind}${'news' in event ? ` of a ${event.news.kind}` : ''} is flat`, () =>
      assert.deepEqual(flatten(event), flat))

  it('writes one line for each, in order, with its time', async () => {
    const { stream, text } = makeSink()
    const progress = showEvents(stream, () => new Date('2026-01-02T03:04:05.678Z'))
    for (let done = 1; done <= 50; done += 1) progress.on({ kind: 'plan-progress', done, total: 50 })
    await progress.stop()
    const lines = text().trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).done),
      Array.from({ length: 50 }, (_, at) => at + 1),
    )
    assert.equal(lines[0], '{"at":"2026-01-02T03:04:05.678Z","event":"plan-progress","done":1,"total":50}')
  })

  it('stays one line, and tells the same, whatever is in it', async () => {
    const hostile = fc.string({
      unit: fc.oneof(fc.constantFrom('\n', '\r', '\u001b[2J', '\u009b', '\u2028', '\u202e', '"'), fc.string()),
    })
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const sink = makeSink()
        await writeEvent({ event: 'message', text }, sink.stream)
        const line = sink.text()
        assert.equal(JSON.parse(line).text, text)
        assert.doesNotMatch(line.trimEnd(), /[\p{Control}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })
})
