// The moving view: what stands there in the end, and that it gives the terminal back.
import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import { showLive } from '../../src/console/progress-live.ts'
import type { Outcome } from '../../src/engine/report.ts'
import type { ResourceId } from '../../src/resource.ts'
import { makeScreen } from './screen.ts'

const step = (at: number) => ({ id: `vm:n1/${at}` as ResourceId, title: `g${at}`, verb: 'create' as const })
const ended = (at: number, outcome: Outcome) => ({ kind: 'step-ended' as const, ...step(at), outcome, ms: 1500 })

/** What was written after the view was cleared for the last time. */
const getLast = (text: string) =>
  stripVTControlCharacters(text)
    .trim()
    .split('\n')
    .map((line) => line.trimEnd())

describe('console/progress-live', () => {
  it('leaves all steps in the end, and the cursor', async () => {
    const { stream, text } = makeScreen(true)
    const { on, stop } = showLive(stream)
    on({ kind: 'plan-progress', done: 1, total: 2 })
    on({ kind: 'plan-progress', done: 2, total: 2 })
    on({ kind: 'apply-started', total: 12 })
    for (let at = 1; at <= 12; at += 1) {
      on({ kind: 'step-started', ...step(at) })
      on({ kind: 'step-news', ...step(at), news: { kind: 'info', text: 'importing' } })
      on(ended(at, at === 3 ? 'failed' : 'done'))
    }
    on({ kind: 'verify-started', total: 1 })
    on({ kind: 'probe-ended', id: 'p', title: 'runs', state: 'ok', ms: 1 })
    await stop()
    const lines = getLast(text())
    for (let at = 1; at <= 12; at += 1) {
      const word = at === 3 ? 'failed' : 'done'
      assert.ok(
        lines.some((line) => line.endsWith(` vm g${at} (n1/${at})  ${word}, 1.5 s`)),
        `g${at}`,
      )
    }
    assert.ok(lines.some((line) => / Working: 12 of 12, 1 failed, 0:0\d$/.test(line)))
    assert.ok(text().trimEnd().endsWith('\u001b[?25h'), 'the cursor is shown again')
  })

  it('a thousand steps do not flood', async () => {
    const { stream, text } = makeScreen(true)
    const { on, stop } = showLive(stream)
    on({ kind: 'apply-started', total: 1000 })
    for (let at = 1; at <= 1000; at += 1) {
      on({ kind: 'step-started', ...step(at) })
      on(ended(at, at % 5 === 0 ? 'failed' : 'done'))
      if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await stop()
    const lines = getLast(text())
    assert.ok(lines.length < 200, `${lines.length} lines`)
    assert.ok(lines.some((line) => / Working: 1000 of 1000, 200 failed, /.test(line)))
    assert.ok(lines.some((line) => line.includes('vm g1000 ')))
  })

  it('more steps than were planned are counted', async () => {
    const { stream, text } = makeScreen(true)
    const { on, stop } = showLive(stream)
    on({ kind: 'apply-started', total: 1 })
    for (const at of [1, 2]) on({ kind: 'step-started', ...step(at) })
    for (const at of [1, 2]) on(ended(at, 'done'))
    await stop()
    assert.match(stripVTControlCharacters(text()), /Working: 2 of 2/)
  })

  it('gives the terminal back for a question, and goes on with what happened meanwhile', async () => {
    const { stream, text } = makeScreen(true)
    const { on, pause, stop } = showLive(stream)
    on({ kind: 'plan-progress', done: 0, total: 2 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const resume = await pause()
    stream.write('QUESTION')
    on({ kind: 'plan-progress', done: 1, total: 2 })
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.ok(text().endsWith('QUESTION'), 'nothing is drawn meanwhile')
    resume()
    on({ kind: 'plan-progress', done: 2, total: 2 })
    on({ kind: 'apply-started', total: 2 })
    on({ kind: 'step-started', ...step(1) })
    const again = await pause()
    on({ kind: 'step-started', ...step(2) })
    for (const at of [1, 2]) on(ended(at, 'done'))
    again()
    await stop()
    const [, after = ''] = stripVTControlCharacters(text()).split('QUESTION')
    assert.match(after, /Working: 2 of 2/)
    for (const at of [1, 2]) assert.match(after, new RegExp(`vm g${at} .*done, 1.5 s`))
  })

  it('ends while a question stands there', async () => {
    const { stream } = makeScreen(true)
    const { on, pause, stop } = showLive(stream)
    on({ kind: 'apply-started', total: 1 })
    const resume = await pause()
    const stopped = stop()
    resume()
    await stopped
  })

  it('stopped in the middle, or before it began, it ends', async () => {
    const { stream } = makeScreen(true)
    await showLive(stream).stop()
    const { on, stop } = showLive(stream)
    on({ kind: 'apply-started', total: 3 })
    on({ kind: 'step-started', ...step(1) })
    await stop()
    await stop()
  })
})
