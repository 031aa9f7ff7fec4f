// One place where the API answers: its connections, and whose certificate they accept.
import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import { OrionError } from '../errors.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
  /** SHA-256 of the certificate, `AA:BB:…`; without it the certificate must be valid for the machine's own authorities. */
  readonly fingerprint?: string
  /**
   * Asked where the certificate is not the pinned one, with the fingerprint that was seen: what the host itself says that
   * it is now, which counts from then on; undefined = nobody can tell. Errors: what to refuse the connection with.
   */
  readonly renewed?: (seen: string) => Promise<string | undefined>
}

/** pveproxy drops a connection after 5 s of silence; ours is gone before, so no write meets one that is just closing. */
const IDLE_MS = 3000

/** `host:port`, an IPv6 address in brackets. */
export function getAddress({ host, port }: Endpoint): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
}

export interface OpenEndpoint {
  readonly dispatcher: Dispatcher
  /** Cuts every connection, also those that are still being made. */
  close(): Promise<void>
}

/** The connections to an endpoint, opened when they are needed; at most `connections`, kept alive. */
export function openEndpoint(endpoint: Endpoint, connections: number, connectMs: number): OpenEndpoint {
  const connecting = new Set<Socket>()
  const dispatcher = new Pool(`https://${getAddress(endpoint)}`, {
    connections,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    headersTimeout: 0, // exchange() has one limit over everything
    bodyTimeout: 0,
    connect: getConnector(endpoint, connectMs, connecting),
  })
  return {
    dispatcher,
    close: async () => {
      for (const socket of connecting) socket.destroy()
      await dispatcher.destroy()
    },
  }
}

/**
 * Judges the certificate between the TLS handshake and the first byte of HTTP. Node's own check is off because it knows no
 * pin, and because its error would not tell the fingerprint; its verdict (`authorized`) is what counts without a pin.
 * So NODE_TLS_REJECT_UNAUTHORIZED changes nothing here.
 */
function getConnector(endpoint: Endpoint, timeout: number, connecting: Set<Socket>): buildConnector.connector {
  // A resumed TLS session carries no certificate to compare: none is kept.
  const connect = buildConnector({ rejectUnauthorized: false, maxCachedSessions: 0, timeout })
  const judge = getJudge(endpoint)
  const attempt: buildConnector.connector = (options, callback) => {
    // undici would leave a socket alone that is not connected yet when it closes; the type hides that we get it.
    const made: unknown = connect(options, (...[error, socket]) => {
      if (made instanceof Socket) connecting.delete(made)
      if (error !== null) return callback(error, null)
      const verdict = isTls(socket) ? judge(socket) : undefined
      if (verdict === undefined) return callback(null, socket)
      socket.destroy()
      if (verdict instanceof OrionError) return callback(verdict, null)
      // Renewed: another connection, as this one was idle meanwhile.
      verdict.then(
        () => attempt(options, callback),
        (refusal: unknown) => callback(refusal instanceof Error ? refusal : new Error(String(refusal)), null),
      )
    })
    if (made instanceof Socket) connecting.add(made)
  }
  return attempt
}

/** undefined = trusted; an error = refused; a promise = its pin is renewed, and the certificate shall be looked at again. */
type Verdict = undefined | OrionError | Promise<void>

function getJudge(endpoint: Endpoint): (socket: TLSSocket) => Verdict {
  let pin = endpoint.fingerprint
  let renewal: Promise<void> | undefined
  return (socket) => {
    const seen = socket.getPeerCertificate().fingerprint256 ?? 'none'
    if (pin === undefined) return socket.authorized ? undefined : untrusted(endpoint, seen, socket)
    if (toHex(seen) === toHex(pin)) return undefined
    const expected = pin
    const { renewed } = endpoint
    if (renewed === undefined) return mismatch(endpoint, expected, seen)
    // Many connections are made at once, and one look at the host is enough for them all.
    renewal ??= renewed(seen)
      .then((now) => {
        if (now === undefined || toHex(now) !== toHex(seen)) throw mismatch(endpoint, expected, seen)
        pin = now
      })
      .finally(() => {
        renewal = undefined
      })
    return renewal
  }
}

function isTls(socket: object): socket is TLSSocket {
  return 'getPeerCertificate' in socket
}

function toHex(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toUpperCase()
}

const READ_IT =
  'On the node itself: openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pveproxy-ssl.pem ' +
  '(or pve-ssl.pem where there is none)'

function mismatch(endpoint: Endpoint, expected: string, seen: string): OrionError {
  return new OrionError(
    `The certificate of ${getAddress(endpoint)} is not the expected one; nothing was sent\n  expected ${expected}\n  seen     ${seen}`,
    {
      code: 'E_PVE_CERTIFICATE',
      suggestions: [
        READ_IT,
        'If it was renewed: orion bootstrap access reads the new one over SSH and keeps it (where the site file names one, change it there)',
      ],
    },
  )
}

function untrusted(endpoint: Endpoint, seen: string, socket: TLSSocket): OrionError {
  const why = String(socket.authorizationError ?? 'unknown')
  return new OrionError(
    `The certificate of ${getAddress(endpoint)} cannot be verified (${why}); nothing was sent\n  seen ${seen}`,
    {
      code: 'E_PVE_CERTIFICATE',
      suggestions: [
        'orion bootstrap access reads it over SSH and keeps it',
        `Or by hand. ${READ_IT}`,
        'If it is the same, put it into `fingerprint` of the node in the site file',
      ],
    },
  )
}
