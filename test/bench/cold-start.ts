// How long orion takes before it does anything, as a ratio to a bare `node -e 0`.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Figure, median } from './measure.ts'

const ORION = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const COMMANDS = fileURLToPath(new URL('../../dist/commands', import.meta.url))
const MOST_VERSION = 2
const MOST_HELP = 5.5

/** `vm/apply.js` → ['vm', 'apply'], `bootstrap/index.js` → ['bootstrap']; the topics, too. */
function commands(): string[][] {
  const files = readdirSync(COMMANDS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  const named = files.map((file) => file.replace(/(\/index)?\.js$/, '').split('/'))
  const topics = named.flatMap((words) => (words.length > 1 ? [words.slice(0, -1)] : []))
  const all = [[], ...topics, ...named].map((words) => words.join(' '))
  return [...new Set(all)].sort().map((line) => line.split(' ').filter(Boolean))
}

// A certificate bundle of the operator's is read by every start of Node 20, and would flatter every ratio.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env

function startMs(argv: readonly string[]): number {
  const begin = performance.now()
  const { status, stderr } = spawnSync(process.execPath, argv, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`node ${argv.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - begin
}

/** Every command in turn, round after round, so that what else the machine does meets all of them alike. */
export function coldStart(rounds: number): Figure[] {
  const starts = [
    { name: 'node -e 0', argv: ['-e', '0'], most: 1 },
    { name: 'orion --version', argv: [ORION, '--version'], most: MOST_VERSION },
    ...commands().map((words) => {
      const argv = [...words, '--help']
      return { name: `orion ${argv.join(' ')}`, argv: [ORION, ...argv], most: MOST_HELP }
    }),
  ]
  const times = starts.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { argv }] of starts.entries()) times[index]?.push(startMs(argv))
  }
  const [base = Number.NaN, ...medians] = times.map(median)
  const figures = medians.map((ms, index): Figure => {
    const { name = '', most } = starts[index + 1] ?? {}
    return { name, value: ms / base, unit: '×', ...(most === undefined ? {} : { most }) }
  })
  return [{ name: 'node -e 0', value: base, unit: 'ms' }, ...figures]
}
