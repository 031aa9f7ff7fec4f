// One command over an SSH connection: its own channel, what it reads and says, and the limits of waiting for it.
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientChannel } from 'ssh2'
import { errorText, interrupted, lost, timedOut } from './failure.ts'

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

/** A server that has no room for another session says so at once; a closed one makes room a little later. */
const OPEN_TRIES = 30
const OPEN_PAUSE_MS = 50

/** `gone`: aborts, with its reason, when the connection ends. Errors: E_HOST_LOST, E_HOST_TIMEOUT, E_INTERRUPTED. */
export async function execute(client: Client, host: string, gone: AbortSignal, command: Command): Promise<RawOutput> {
  const { title, limitMs, signal } = command
  return await new Promise((resolve, reject) => {
    let stream: ClientChannel | undefined
    const settle = (end: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      gone.removeEventListener('abort', onGone)
      end()
    }
    const giveUp = (error: Error) => {
      settle(() => reject(error))
      stream?.close()
    }
    const onAbort = () => giveUp(interrupted(host, title))
    const onGone = () => giveUp(lost(host, title, gone.reason))
    const timer = setTimeout(() => giveUp(timedOut(host, title, limitMs)), limitMs)
    if (signal.aborted) return onAbort()
    if (gone.aborted) return onGone()
    signal.addEventListener('abort', onAbort)
    gone.addEventListener('abort', onGone)
    openChannel(client, command, signal).then(
      (opened) => {
        stream = opened.stream
        if (signal.aborted) return stream.close()
        opened.output.then(
          (output) => settle(() => resolve(output)),
          (error) => settle(() => reject(lost(host, title, error))),
        )
      },
      (error) => settle(() => reject(gone.aborted ? lost(host, title, gone.reason) : lost(host, title, error))),
    )
  })
}

interface Opened {
  readonly stream: ClientChannel
  readonly output: Promise<RawOutput>
}

async function openChannel(client: Client, { line, input }: Command, signal: AbortSignal): Promise<Opened> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await new Promise((resolve, reject) => {
        client.exec(line, (error, stream) => {
          if (error) return reject(error)
          // At once: the exit code of a quick program can be in the same packet, and nobody is told of it again.
          const output = collect(stream, input)
          output.catch(() => undefined)
          resolve({ stream, output })
        })
      })
    } catch (error) {
      if (tries >= OPEN_TRIES || signal.aborted || !/open fail/i.test(errorText(error))) throw error
      await sleep(OPEN_PAUSE_MS)
    }
  }
}

async function collect(stream: ClientChannel, input: string | Buffer | undefined): Promise<RawOutput> {
  return await new Promise((resolve, reject) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let code: number | undefined
    stream.on('data', (chunk: Buffer) => stdout.push(chunk))
    stream.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
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
