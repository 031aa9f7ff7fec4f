// Runs the built bin as an operator would, in folders of its own; its labs are ended by process id.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa, type Options } from 'execa'

export const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

export interface Operator {
  readonly home: string
  /** What its environment has beside the usual. */
  readonly env: NodeJS.ProcessEnv
  /** Runs `orion ARGS…` without a terminal. */
  run(args: readonly string[], options?: Options): Promise<Ran>
  /** Ends every lab that was started and removes the folders. */
  leave(): void
}

/** A new operator: an empty home, no credentials, no labs. */
export function newOperator(): Operator {
  const home = mkdtempSync(join(tmpdir(), 'orion-test-'))
  const env = {
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'),
    NO_COLOR: '1',
    ORION_SITE: '',
    ORION_TOKEN_ID: '',
    ORION_TOKEN_SECRET: '',
  }
  return {
    home,
    env,
    run: async (args, options = {}) => {
      const merged = { cwd: home, reject: false, timeout: 120_000, stdin: 'ignore', ...options } as const
      const ran = await execa(process.execPath, [BIN, ...args], { ...merged, env: { ...env, ...options.env } })
      return { exit: ran.exitCode ?? -1, out: String(ran.stdout ?? ''), err: String(ran.stderr ?? '') }
    },
    leave: () => {
      for (const pid of labsUnder(home)) stop(pid)
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** Process ids of the labs whose folder is somewhere under this one. */
function labsUnder(folder: string): number[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('lab.json'))
  return files.map((file) => Number(JSON.parse(readFileSync(join(folder, file), 'utf8')).pid))
}

function stop(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Already gone.
  }
}
