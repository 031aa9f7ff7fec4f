// What CI runs of tests: the README's commands, then every file that failed once more, whole and alone. A machine that stood
// still for some seconds is not a fault of orion's; what fails twice is, and what failed once is said.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileResult, failedFiles, parseResults, summary } from './results.ts'

/** How many files may fail in one run to be run again: more are no accident. */
const MOST_AGAIN = 5

/** Runs it with mocha's results noted, and gives those; `broken` where it failed and no test did. */
async function run(
  argv: readonly string[],
): Promise<{ readonly results: readonly FileResult[]; readonly broken: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'orion-ci-'))
  const file = join(folder, 'results')
  const [command = '', ...args] = argv
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, TEST_RESULTS: file } })
  const code = await new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
  const results = existsSync(file) ? parseResults(readFileSync(file, 'utf8')) : []
  rmSync(folder, { recursive: true, force: true })
  return { results, broken: code !== 0 && failedFiles(results).length === 0 }
}

const results: FileResult[] = []
let broken = 0
async function add(...argv: string[]): Promise<readonly FileResult[]> {
  const ran = await run(argv)
  results.push(...ran.results)
  if (ran.broken) broken++
  return ran.results
}

for (const script of ['test', 'test:vm']) {
  const again = failedFiles(await add('npm', 'run', script))
  if (again.length > MOST_AGAIN) continue
  for (const file of again.filter(Boolean)) {
    process.stdout.write(`\nOnce more: ${file}\n`)
    await add('node_modules/.bin/mocha', file)
  }
}
// Where no test passed, something else is wrong.
const { text, failed } = summary(results, broken || Number(!results.some(({ passed }) => passed)))
process.stdout.write(`${text}\n`)
process.exitCode = failed ? 1 : 0
