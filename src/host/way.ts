// How bytes get to a host's SSH port: straight, through a program, or through another host's connection.
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { Duplex, Writable } from 'node:stream'
import { getTail } from './mask.ts'

export interface DialOptions {
  readonly host: string
  readonly port: number
  readonly limitMs: number
  readonly signal: AbortSignal
}

/** A TCP connection without delay of small packets: with it every command takes 40 ms more. Errors: whatever the network says. */
export async function dial({ host, port, limitMs, signal }: DialOptions): Promise<Duplex> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const fail = (error: Error) => {
      clean()
      socket.destroy()
      reject(error)
    }
    const onAbort = () => fail(new Error('interrupted'))
    const timer = setTimeout(() => fail(new Error(`no answer within ${limitMs / 1000} s`)), limitMs)
    const clean = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('error', fail)
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      clean()
      resolve(socket)
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

/**
 * A ProxyCommand: its stdin and stdout are the connection. It ends with the socket, and what it says on stderr becomes the error.
 * It runs in a session of its own: Ctrl-C at the terminal must not cut the way on which a change is taken back, and all that
 * it started ends with it. The price: it has no terminal, so it can ask nobody for a passphrase.
 */
export function spawnProxy(command: string): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: 'pipe', detached: true })
  const { stdin, stdout } = child
  // A program that has ended breaks our writing first; its own end, and what it said, is what counts.
  stdin.on('error', () => {})
  const writable = new Writable({
    write: (chunk, _encoding, done) => void stdin.write(chunk, () => done()),
    final: (done) => void stdin.end(() => done()),
  })
  const socket = Duplex.from({ readable: stdout, writable })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000)
  })
  child.on('error', (error) => socket.destroy(error))
  child.on('close', (code) => {
    const [line = `ended with code ${code}`] = getTail(said, [], 1)
    if (!socket.destroyed) socket.destroy(code === 0 ? undefined : new Error(`ProxyCommand: ${line}`))
  })
  socket.on('close', () => endGroup(child.pid))
  return socket
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid)
  } catch {
    // All of it has ended.
  }
}
