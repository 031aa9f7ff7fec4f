// One command over an SSH connection: its own channel, what it reads and says, and the limits of waiting for it.
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientChannel } from 'ssh2'
import { OrionError } from '../errors.ts'
import { errorText, interrupted, lost, noSession, saidTooMuch, timedOut } from './failure.ts'

export interface Command {
  /** One line for the shell at the other end. */
  readonly line: string
  /** For messages: never an argument. */
  readonly title: string
  readonly input?: string | Buffer | undefined
  readonly limitMs: number
  readonly signal: AbortSignal
}

export interface RawOutput {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** A server without room for another session says so; one that has ended still counts there for a moment. */
const OPEN_TRIES = 30
const OPEN_PAUSE_MS = 50
/** What a program may say: all of it is held in memory. */
const LONGEST_OUTPUT = 64 * 1024 * 1024

/** `gone`: aborts, with its reason, when the connection ends. Errors: E_HOST_LOST, E_HOST_TIMEOUT, E_HOST_COMMAND (no session, too long an output), E_INTERRUPTED. */
export async function execute(client: Client, host: string, gone: AbortSignal, command: Command): Promise<RawOutput> {
  const { title, limitMs, signal } = command
  const over = new AbortController()
  return await new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      gone.removeEventListener('abort', onGone)
      end()
      over.abort()
    }
    const giveUp = (error: Error) => settle(() => reject(error))
    const onAbort = () => giveUp(interrupted(host, title))
    const onGone = () => giveUp(lost(host, title, gone.reason))
    const timer = setTimeout(() => giveUp(timedOut(host, title, limitMs)), limitMs)
    if (signal.aborted) return onAbort()
    if (gone.aborted) return onGone()
    signal.addEventListener('abort', onAbort)
    gone.addEventListener('abort', onGone)
    converse(client, host, command, over.signal).then(
      (output) => settle(() => resolve(output)),
      (error) => giveUp(error instanceof OrionError ? error : lost(host, title, gone.aborted ? gone.reason : error)),
    )
  })
}

/** The open sessions of each connection, by what ends with them. */
const sessions = new WeakMap<Client, Set<Promise<unknown>>>()

/** Opens a session as soon as the server has room for one (its MaxSessions may be smaller than our six). `over`: nobody waits any longer. */
async function converse(client: Client, host: string, command: Command, over: AbortSignal): Promise<RawOutput> {
  const open = sessions.get(client) ?? new Set()
  sessions.set(client, open)
  for (let tries = 1; ; ) {
    try {
      const { output } = await openSession(client, host, command, over)
      const ended = output.catch(() => undefined).finally(() => open.delete(ended))
      open.add(ended)
      return await output
    } catch (error) {
      if (over.aborted || !/open fail/i.test(errorText(error))) throw error
      if (open.size > 0) await Promise.race(open)
      else if (++tries > OPEN_TRIES) throw noSession(host, command.title, error)
      await sleep(OPEN_PAUSE_MS)
    }
  }
}

/** In an object: a promise of a promise would be waited for as one. */
async function openSession(
  client: Client,
  host: string,
  command: Command,
  over: AbortSignal,
): Promise<{ readonly output: Promise<RawOutput> }> {
  return await new Promise((resolve, reject) => {
    if (over.aborted) return reject(new Error('nobody waits for it'))
    client.exec(command.line, (error, stream) => {
      if (error) return reject(error)
      // At once: the exit code of a quick program can be in the same packet, and nobody is told of it again.
      const output = collect(stream, host, command)
      if (over.aborted) stream.close()
      else over.addEventListener('abort', () => stream.close(), { once: true })
      output.catch(() => undefined)
      resolve({ output })
    })
  })
}

async function collect(stream: ClientChannel, host: string, { input, title }: Command): Promise<RawOutput> {
  return await new Promise((resolve, reject) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let length = 0
    let code: number | undefined
    const add = (chunks: Buffer[]) => (chunk: Buffer) => {
      length += chunk.length
      if (length <= LONGEST_OUTPUT) chunks.push(chunk)
      else reject(saidTooMuch(host, title, LONGEST_OUTPUT))
    }
    stream.on('data', add(stdout))
    stream.stderr.on('data', add(stderr))
    stream.on('exit', (status: number | null, signal?: string) => {
      code = status ?? getSignalCode(signal)
    })
    // A program that does not read its input to the end is no error of ours: its exit code says what it is.
    stream.on('error', () => {})
    stream.on('close', () => {
      if (code === undefined) reject(new Error('it ended without an exit code'))
      else resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
    })
    stream.end(input ?? '')
  })
}

/** As a shell counts them: 128 + number. */
function getSignalCode(name: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals
  return 128 + (numbers[name ?? ''] ?? 0)
}
