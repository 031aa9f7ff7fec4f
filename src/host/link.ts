// One SSH connection: made over its way, the server's key checked, ourselves proved, and then its channels.
import { setMaxListeners } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { OrionError } from '../errors.ts'
import { type Command, execute, type RawOutput } from './channel.ts'
import { errorText } from './failure.ts'
import { shakeHands } from './handshake.ts'
import type { Hop } from './hop.ts'
import { readHostKeys } from './host-key.ts'
import { dial, spawnProxy } from './way.ts'

export interface Link {
  readonly hop: Hop
  /** Called once, when it is lost or ended. */
  onEnd(callback: () => void): void
  /** At most six at a time, the others wait. Errors: E_HOST_LOST, E_HOST_TIMEOUT, E_INTERRUPTED. */
  execute(command: Command): Promise<RawOutput>
  /** A connection from there to another place. Errors: plain ones, also after `limitMs`. */
  forward(host: string, port: number, options: { readonly limitMs: number }): Promise<Duplex>
  end(): void
}

export interface LinkOptions {
  readonly signal: AbortSignal
  /** For each TCP connection, and for the handshake without the time in which a person is asked. */
  readonly limitMs: number
  /** The connection of the host's node, where the way is `via`. */
  readonly via: () => Promise<Link>
}

/** MaxSessions is 10 by default; a closing session still counts for a moment. */
const CHANNELS = 6
/** A server that we leave closes the connection within this time, or it is closed for it. */
const END_MS = 1_000

/** Errors: E_HOST_KEY, E_HOST_AUTH; any other error = not reachable this way. */
export async function openLink(hop: Hop, options: LinkOptions): Promise<Link> {
  const keys = await readHostKeys(hop.policy)
  const { socket, parent } = await openWay(hop, options)
  try {
    const client = await shakeHands(hop, keys, socket, { ...options, again: () => openWay(hop, options) })
    return toLink(hop, client, socket, parent)
  } catch (error) {
    socket.destroy()
    parent?.end()
    throw nameJump(hop, error)
  }
}

/** Where there are several servers on the way: which one it was. */
function nameJump({ jumpTo, user, host, port }: Hop, error: unknown): unknown {
  if (jumpTo === undefined) return error
  const text = `through the jump host ${user}@${host}:${port}: ${errorText(error)}`
  if (!(error instanceof OrionError)) return new Error(text, { cause: error })
  const { code, suggestions, recheck } = error
  return new OrionError(`${jumpTo}, ${text}`, { code, suggestions, recheck, cause: error })
}

/** `parent`: a connection that is there for this one only. */
async function openWay(hop: Hop, options: LinkOptions): Promise<{ socket: Duplex; parent?: Link }> {
  const { way, host, port } = hop
  if (way.kind === 'tcp') {
    const dialled = dial({ host, port, ...options })
    return { socket: await dialled.catch((error) => Promise.reject(nameJump(hop, error))) }
  }
  if (way.kind === 'command') return { socket: spawnProxy(way.command) }
  if (way.kind === 'via') return { socket: await forwardThrough(await options.via(), hop, options) }
  const parent = await openLink(way.hop, options)
  try {
    return { socket: await forwardThrough(parent, hop, options), parent }
  } catch (error) {
    parent.end()
    throw error
  }
}

async function forwardThrough(parent: Link, { host, port }: Hop, options: LinkOptions): Promise<Duplex> {
  return await parent.forward(host, port, options).catch((error) => {
    throw new Error(`through ${parent.hop.name}: ${errorText(error)}`, { cause: error })
  })
}

function toLink(hop: Hop, client: Client, socket: Duplex, parent: Link | undefined): Link {
  const gone = new AbortController()
  setMaxListeners(0, gone.signal)
  const turn = getTurns(CHANNELS)
  let why: Error | undefined
  client.on('error', (error) => {
    why ??= error
  })
  client.once('close', () => {
    gone.abort(why ?? new Error('the server closed the connection'))
    parent?.end()
  })
  return {
    hop,
    onEnd: (callback) => gone.signal.addEventListener('abort', callback, { once: true }),
    execute: async (command) => await turn(() => execute(client, hop.name, gone.signal, command)),
    forward: async (host, port, { limitMs }) => await forward(client, host, port, limitMs),
    end: () => {
      client.end()
      // One that hangs does not answer, and its open socket would keep the process alive.
      const timer = setTimeout(() => socket.destroy(), END_MS)
      socket.once('close', () => clearTimeout(timer))
    },
  }
}

/** The other host's own limit for a TCP connection that nobody answers is two minutes. */
async function forward(client: Client, host: string, port: number, limitMs: number): Promise<Duplex> {
  return await new Promise((resolve, reject) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      reject(new Error(`no answer within ${limitMs / 1000} s`))
    }, limitMs)
    client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
      clearTimeout(timer)
      if (late) stream?.destroy()
      else if (error) reject(error)
      else resolve(stream)
    })
  })
}

/** At most `limit` at once; the others wait in order. */
function getTurns(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = limit
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}
