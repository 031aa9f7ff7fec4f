// The moving view: what stands there in the end, and that it gives the terminal back.
import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import { getRunning, showLive } from '../../src/console/progress-live.ts'
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
    on({ kind: 'probe-ended', id: 'p', title: 'runs', state: 'ok', expected: '', seen: '', looks: 1, ms: 1 })
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

  it('says how long a step took last time, what waits for it, and the last line of its task', async () => {
    const { stream, text } = makeScreen(true)
    const { on, stop } = showLive(stream)
    on({ kind: 'apply-started', total: 9 })
    on({ kind: 'step-started', ...step(1), lastMs: 125_000, waiting: 8 })
    on({ kind: 'step-news', ...step(1), news: { kind: 'log', upid: 'UPID:x', text: 'transferred\u001b[2J 40 %' } })
    const shown = () => stripVTControlCharacters(text())
    for (const late = Date.now() + 20_000; !shown().includes('transferred') && Date.now() < late; )
      await new Promise((resolve) => setTimeout(resolve, 50))
    await stop()
    assert.match(shown(), /vm g1 \(n1\/1\) {2}0:\d\d of ~2 min, 8 wait {2}transferred 40 %/)
    assert.match(shown(), /Working: 0 of 9, 1 running, 8 waiting, 0:\d\d/)
  })

  it('a thousand steps do not flood', async () => {
    const { stream, text } = makeScreen(true)
    const start = performance.now()
    const { on, stop } = showLive(stream)
    on({ kind: 'apply-started', total: 1000 })
    for (let at = 1; at <= 1000; at += 1) {
      on({ kind: 'step-started', ...step(at) })
      on(ended(at, at % 5 === 0 ? 'failed' : 'done'))
      if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await stop()
    const lines = getLast(text())
    // However long a busy machine takes for it: so many pictures in a second, of so many lines.
    const pictures = lines.filter((line) => line.includes(' Working: ')).length
    const most = (performance.now() - start) / 80 + 4
    assert.ok(pictures <= most, `${pictures} pictures, ${most} at most`)
    assert.ok(lines.length <= 25 * pictures, `${lines.length} lines in ${pictures} pictures`)
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

  it('cuts the end of a name before what is done', () => {
    const label = 'file-set tunnels, firewall and units of rey-1 (rey-1/mesh)'
    const armed = 'armed: rey-1 puts it back at 19:16:53 unless confirmed'
    const line = getRunning(label, '0:04', armed, 74)
    assert.equal(line.length, 74)
    assert.match(line, /^file-set .*… {2}0:04 {2}armed: rey-1 puts it back at 19:16:53/)
    assert.equal(getRunning('vm a', '0:04', 'x', 74), 'vm a  0:04  x')
    assert.equal(getRunning('vm a', '0:04', '', 74), 'vm a  0:04')
  })
})
