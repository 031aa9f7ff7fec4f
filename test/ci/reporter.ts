// mocha's spec reporter, which also appends to the file that TEST_RESULTS names what became of each test file, as JSON lines.
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import Mocha, { type Hook, type MochaOptions, type Runner, type Test } from 'mocha'
import type { FileResult } from './results.ts'

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants

interface Counts {
  passed: number
  skipped: number
  readonly failures: { readonly title: string; readonly message: string }[]
}

export default class extends Mocha.reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options)
    const target = process.env.TEST_RESULTS
    if (!target) return
    const files = new Map<string, Counts>()
    const of = (test: Test | Hook): Counts => {
      const file = relative(process.cwd(), test.file ?? test.parent?.file ?? '')
      const counts = files.get(file) ?? { passed: 0, skipped: 0, failures: [] }
      files.set(file, counts)
      return counts
    }
    runner.on(EVENT_TEST_PASS, (test) => {
      of(test).passed++
    })
    runner.on(EVENT_TEST_PENDING, (test) => {
      of(test).skipped++
    })
    runner.on(EVENT_TEST_FAIL, (test: Test | Hook, error: unknown) => {
      const { message } = error instanceof Error ? error : { message: String(error) }
      of(test).failures.push({ title: test.fullTitle(), message })
    })
    runner.once(EVENT_RUN_END, () => {
      const lines = [...files].map(([file, counts]): FileResult => ({ file, ...counts }))
      appendFileSync(target, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    })
  }
}
