// Child processes of tests: started, awaited, and ended by their own id, also when a test fails.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The built program, as it is installed. */
export const ORION = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Running {
  readonly pid: number
  /** What it wrote so far, both streams. */
  text(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  /** Killed after that long. */
  readonly limitMs?: number
}

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** The environment of a child: ours, without what makes Node 20 start slowly or a client colour its output. */
function environment(extra: ProgramOptions['env']): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, FORCE_COLOR: ___, ...rest } = process.env
  return { ...rest, NO_COLOR: '1', ...extra }
}

/** Starts a program with an argument vector, never through a shell. */
export function start(command: string, args: readonly string[], options: ProgramOptions = {}): Running {
  const from = performance.now()
  const child = spawn(command, args, { cwd: options.cwd, env: environment(options.env), stdio: 'pipe' })
  alive.add(child)
  const out = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text))
  // A program that ends without reading its input is no error of the test.
  child.stdin.on('error', () => undefined).end(options.input ?? '')
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 120_000)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...out, ms: performance.now() - from }))
  }).finally(() => {
    clearTimeout(limit)
    alive.delete(child)
  })
  return { pid: child.pid ?? 0, text: () => out.stdout + out.stderr, kill: (signal) => void child.kill(signal), ended }
}

/** Runs a program to its end; a failure is in `code`, not an exception. */
export const run = (command: string, args: readonly string[], options: ProgramOptions = {}): Promise<Ended> =>
  start(command, args, options).ended

/** Runs the built orion. */
export const orion = (args: readonly string[], options: ProgramOptions = {}): Promise<Ended> =>
  run(process.execPath, [ORION, ...args], options)

export const startOrion = (args: readonly string[], options: ProgramOptions = {}): Running =>
  start(process.execPath, [ORION, ...args], options)
