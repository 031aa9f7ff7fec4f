// Errors as data, counts, and the exit code of a run.
import assert from 'node:assert/strict'
import { getCounts, getExit, type Report, type ReportStep, toProblem } from '../../src/engine/report.ts'
import { type Code, OrionError } from '../../src/errors.ts'

const step = (outcome: ReportStep['outcome'], code?: Code): ReportStep => ({
  id: 'vm:a/1',
  title: 'x',
  verb: 'create',
  outcome,
  ms: 0,
  differences: [],
  waits: [],
  warnings: [],
  notes: [],
  ...(code ? { error: { code, message: '', suggestions: [] } } : {}),
})

describe('engine/report', () => {
  const rows: [string, ReportStep[], boolean, number][] = [
    ['nothing', [], false, 0],
    ['all done', [step('done'), step('kept')], false, 0],
    ['one failed', [step('done'), step('failed', 'E_TASK'), step('blocked')], false, 1],
    ['Ctrl-C', [step('interrupted', 'E_INTERRUPTED'), step('not-tried')], true, 130],
    ['a secret is missing', [step('failed', 'E_SECRET')], false, 2],
    ['a guarded change was put back', [step('done'), step('failed', 'E_ROLLED_BACK'), step('blocked')], false, 4],
    [
      'a host went back, and something else failed',
      [step('failed', 'E_TASK'), step('failed', 'E_GUARD_REFUSED')],
      false,
      4,
    ],
    [
      'a host went back, and Ctrl-C',
      [step('failed', 'E_ROLLED_BACK'), step('interrupted', 'E_INTERRUPTED')],
      true,
      130,
    ],
    ['two kinds of failure', [step('failed', 'E_SECRET'), step('failed', 'E_TASK')], false, 1],
  ]
  for (const [name, steps, interrupted, exit] of rows) {
    it(`${name}: ${exit}`, () => {
      const report: Report = {
        site: 't',
        started: '',
        ms: 0,
        steps,
        running: [],
        interrupted,
        counts: getCounts(steps),
      }
      assert.equal(getExit(report), exit)
    })
  }

  it('an error of ours keeps its code; anything else is E_APPLY, without a stack', () => {
    const ours = new OrionError('no', { code: 'E_TASK', suggestions: ['try'], cause: new Error('secret') })
    assert.deepEqual(toProblem(ours), { code: 'E_TASK', message: 'no', suggestions: ['try'] })
    assert.equal(toProblem(new RangeError('bad')).message, 'RangeError: bad')
    assert.equal(toProblem('text').code, 'E_APPLY')
    assert.doesNotMatch(JSON.stringify([toProblem(ours), toProblem(new Error('x'))]), /secret| at /)
  })
})
