// What CI says at its end of one or more runs of mocha.
import assert from 'node:assert/strict'
import { type FileResult, failedFiles, parseResults, summary } from './results.ts'

const file = (name: string, passed: number, failures: string[] = [], skipped = 0): FileResult => ({
  file: name,
  passed,
  skipped,
  failures: failures.map((title) => ({ title, message: `no ${title}` })),
})

describe('ci/results', () => {
  const ROWS: [string, FileResult[], number, { failed: number; last: string; says?: RegExp; not?: RegExp }][] = [
    ['adds up files', [file('a', 2), file('b', 3, [], 1)], 0, { failed: 0, last: '5 passed, 0 failed, 1 skipped' }],
    [
      'names what failed',
      [file('a', 1, ['x'])],
      0,
      { failed: 1, last: '1 passed, 1 failed', says: /Failed:\n {2}a: x\n {4}no x/ },
    ],
    [
      'takes the last run of a file, and says what failed in the first',
      [file('a', 1, ['x']), file('b', 1), file('a', 4)],
      0,
      { failed: 0, last: '5 passed, 0 failed', says: /second time:\n {2}a: x/, not: /Failed:/ },
    ],
    [
      'says of a file that failed twice what failed last',
      [file('a', 1, ['x']), file('a', 3, ['y'])],
      0,
      { failed: 1, last: '3 passed, 1 failed', says: /Failed:\n {2}a: y/, not: /second time/ },
    ],
    [
      'counts a run without a result',
      [file('a', 1)],
      1,
      { failed: 1, last: '1 passed, 1 failed', says: /1 run of mocha/ },
    ],
    ['is nothing without any', [], 0, { failed: 0, last: '0 passed, 0 failed' }],
  ]
  for (const [name, results, broken, want] of ROWS)
    it(name, () => {
      const { text, failed } = summary(results, broken)
      assert.equal(failed, want.failed)
      assert.equal(text.split('\n').at(-1), want.last)
      if (want.says) assert.match(text, want.says)
      if (want.not) assert.doesNotMatch(text, want.not)
    })

  it('reads what was written, and names each failed file once', () => {
    const results = [file('a', 1, ['x', 'y']), file('b', 1), file('a', 0, ['x'])]
    const read = parseResults(results.map((one) => `${JSON.stringify(one)}\n`).join(''))
    assert.deepEqual(read, results)
    assert.deepEqual(failedFiles(read), ['a'])
  })
})
