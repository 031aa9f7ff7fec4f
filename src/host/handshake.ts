// The beginning of an SSH connection: algorithms, the server's key, and ourselves.
import type { Duplex } from 'node:stream'
import ssh2, { type Client } from 'ssh2'
import { OrionError } from '../errors.ts'
import { type Authentication, authenticate } from './authentication.ts'
import { fetchCertificate } from './certificate-fetch.ts'
import type { Hop } from './hop.ts'
import type { HostKeys } from './host-key.ts'

export interface HandshakeOptions {
  readonly signal: AbortSignal
  /** The time in which a person is asked does not count. */
  readonly limitMs: number
  /** Another way to the same server, to ask for its certificate; `parent` is ended with it. */
  readonly again: () => Promise<{ readonly socket: Duplex; readonly parent?: { end(): void } }>
}

const KEEP_ALIVE_MS = 5_000
const KEEP_ALIVE_MISSES = 3

/** What ssh2 adds to its errors. */
type SshError = Error & { readonly level?: string }

/** The client, ready for channels. Errors: as openLink. */
export async function shakeHands(hop: Hop, keys: HostKeys, socket: Duplex, options: HandshakeOptions): Promise<Client> {
  const login = authenticate(hop.keys, hop.user)
  const client = new ssh2.Client()
  let checking = false
  let refusal: unknown
  let accepted: Buffer | undefined
  const verify = (key: Buffer, done: (good: boolean) => void) => {
    // Keys are exchanged anew now and then. ssh2 loses the connection then where the answer is not immediate.
    if (accepted?.equals(key)) return done(true)
    checking = true
    const certificate = async (type: string) => {
      const { socket: other, parent } = await options.again()
      return await fetchCertificate(other, type, options.limitMs).finally(() => parent?.end())
    }
    keys
      .check(key, certificate)
      .then(
        () => {
          accepted = key
          done(true)
        },
        (error) => {
          refusal = error
          done(false)
        },
      )
      .finally(() => {
        checking = false
      })
  }
  const isWaiting = () => checking || login.asking()
  const ready = waitReady(client, isWaiting, options).catch((error: SshError) => {
    throw refusal ?? toFailure(hop, error, login)
  })
  client.connect({
    sock: socket,
    username: hop.user,
    authHandler: login.handler,
    hostVerifier: verify,
    // ssh2's types name single algorithms; the list is of those that it has.
    algorithms: { serverHostKey: keys.algorithms as ssh2.ServerHostKeyAlgorithm[] },
    keepaliveInterval: KEEP_ALIVE_MS,
    keepaliveCountMax: KEEP_ALIVE_MISSES,
    readyTimeout: 0,
  })
  await ready
  return client
}

/** Ends with the handshake. The limit rests while a person is asked. */
async function waitReady(
  client: Client,
  isWaiting: () => boolean,
  { signal, limitMs }: HandshakeOptions,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let since = Date.now()
    const clock = setInterval(
      () => {
        if (isWaiting()) since = Date.now()
        else if (Date.now() - since > limitMs) fail(new Error(`no SSH handshake within ${limitMs / 1000} s`))
      },
      Math.min(500, limitMs),
    )
    const onAbort = () => fail(new Error('interrupted'))
    const clean = () => {
      clearInterval(clock)
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: Error) => {
      clean()
      reject(error)
      client.destroy()
    }
    client.on('error', (error: SshError) => {
      // One key that cannot sign is not the end: ssh2 goes on with the next one.
      const isOneKey = error.level === 'agent' || (error.level === 'client-authentication' && !isRefusal(error))
      if (!isOneKey) fail(error)
    })
    client.once('close', () => fail(new Error('the server closed the connection')))
    client.once('ready', () => {
      clean()
      resolve()
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

const isRefusal = (error: Error) =>
  /All configured authentication methods failed|Too many authentication/i.test(error.message)

function toFailure(hop: Hop, error: SshError, login: Authentication): Error {
  if (!isRefusal(error)) return error
  const { name, user, host, port, ignored } = hop
  const where = host === name && port === 22 ? name : `${name} (${host}${port === 22 ? '' : `:${port}`})`
  const many = /Too many/.test(error.message) ? ' (too many keys: name the right one as ssh.identityFile)' : ''
  const put = `put a public key of yours there: ssh-copy-id ${port === 22 ? '' : `-p ${port} `}${user}@${host}`
  return new OrionError(`${where} accepts no key of ours for ${user}${many}; ${login.offered()}`, {
    code: 'E_HOST_AUTH',
    suggestions: [
      ...new Set(login.tries()),
      ...(login.wantsKey() ? [put] : []),
      ...ignored.map((line) => `not followed in the SSH configuration: ${line}`),
    ],
    cause: error,
  })
}
