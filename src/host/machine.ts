// Programs on a host as root: the command line, its limits, sudo, and what is an error.
import { isIP } from 'node:net'
import { OrionError } from '../errors.ts'
import type { Command, RawOutput } from './channel.ts'
import { commandFailed, getTitle, interrupted, notRoot, timedOut } from './failure.ts'
import type { Output, RunOptions } from './host.ts'
import type { Line } from './line.ts'
import type { Link } from './link.ts'
import { getSecrets } from './mask.ts'
import { quote } from './quote.ts'

export interface Machine {
  readonly name: string
  readonly line: Line
  readonly signal: AbortSignal
}

const LIMIT_MS = 60_000
/** Of a program that does nothing: what takes longer is the shell that starts it. */
const SHELL_LIMIT_MS = 15_000
/** The host ends a program at its limit, and 5 s later by force; only then we do not wait any longer. */
const KILL_SECONDS = 5
const MARGIN_MS = 10_000
/** What timeout(1) ends with: it was over; it had to use force. */
const OVER = [124, 137]
/** What sudo itself ends with where it does not begin; a shell without sudo. Programs use them as well. */
const NO_SUDO = [1, 127]

/** One program with arguments, as root. Errors: as Host.run. */
export async function run(machine: Machine, argv: readonly string[], options: RunOptions): Promise<Output> {
  const { accept = [0] } = options
  const { code, stdout, stderr } = await runRaw(machine, argv, options)
  const output = { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') }
  if (accept.includes(code)) return output
  const said = output.stderr.trim() === '' ? output.stdout : output.stderr
  throw commandFailed(machine.name, { title: getTitle(argv), code, stderr: said }, getSecrets(options))
}

/** As run, with every exit code and the bytes as they came. Errors: E_HOST_SUDO, E_HOST_TIMEOUT, E_HOST_LOST, those of connecting. */
export async function runRaw(
  machine: Machine,
  argv: readonly string[],
  { input, timeoutMs = LIMIT_MS }: RunOptions,
): Promise<RawOutput> {
  const { name, line, signal } = machine
  const title = getTitle(argv)
  if (signal.aborted) throw interrupted(name, title)
  const link = await line.link(signal)
  const limit = ['timeout', '-k', String(KILL_SECONDS), String(timeoutMs / 1000)]
  const command = quote([...getSudo(link), ...limit, ...argv])
  const limitMs = timeoutMs + KILL_SECONDS * 1000 + MARGIN_MS
  const began = Date.now()
  const output = await link.execute({ line: command, title, input, limitMs, signal })
  if (OVER.includes(output.code) && Date.now() - began >= timeoutMs) throw timedOut(name, title, timeoutMs)
  await refuseWithoutSudo(machine, link, output)
  return output
}

const getSudo = ({ hop }: Link): readonly string[] => (hop.user === 'root' ? [] : ['sudo', '-n', '--'])

/** Connections on which sudo has let us through: it will again. */
const proven = new WeakSet<Link>()

/** Where sudo may have refused, it is asked for nothing but itself: what it says depends on version and language. */
async function refuseWithoutSudo({ name, signal }: Machine, link: Link, { code }: RawOutput): Promise<void> {
  if (link.hop.user === 'root' || proven.has(link)) return
  if (NO_SUDO.includes(code)) {
    const line = quote([...getSudo(link), 'timeout', '1', 'true'])
    const question: Command = { line, title: 'sudo', limitMs: LIMIT_MS, signal }
    const answer = await link.execute(question)
    if (answer.code !== 0)
      throw notRoot(name, link.hop.user, { code: answer.code, said: answer.stderr.toString('utf8') })
  }
  proven.add(link)
}

/** SSH_CONNECTION of a connection, which does not change. */
const ends = new WeakMap<Link, Promise<{ client: string; server: string }>>()

/** The two ends of the connection; asked without sudo, which drops the variable. */
export async function getEnds({ name, line, signal }: Machine): Promise<{ client: string; server: string }> {
  const link = await line.link(signal)
  const asking = ends.get(link) ?? askEnds(name, link, signal)
  ends.set(link, asking)
  asking.catch(() => ends.delete(link))
  return await asking
}

async function askEnds(name: string, link: Link, signal: AbortSignal): Promise<{ client: string; server: string }> {
  const title = 'printenv SSH_CONNECTION'
  const question: Command = { line: quote(title.split(' ')), title, limitMs: SHELL_LIMIT_MS, signal }
  const { code, stdout, stderr } = await link.execute(question).catch((error) => {
    if (!(error instanceof OrionError) || error.code !== 'E_HOST_TIMEOUT') throw error
    const where = `of ${link.hop.user} on ${name}`
    throw timedOut(name, title, SHELL_LIMIT_MS, [
      `a slow or waiting login shell? See ~/.bashrc and ~/.profile ${where}`,
    ])
  })
  // The last line: a shell's start file may have printed others.
  const line = stdout.toString('utf8').trimEnd().split('\n').at(-1) ?? ''
  const [client = '', , server = ''] = line.split(' ')
  if (isIP(client) && isIP(server)) return { client, server }
  throw commandFailed(name, { title, code, stderr: stderr.toString('utf8') }, [])
}

/** A failure that says: looking again is safe. */
export const isLost = (error: unknown): boolean => error instanceof OrionError && error.code === 'E_HOST_LOST'
