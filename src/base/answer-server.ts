// Answers the installer of one machine over HTTPS: the answer file, the first-boot script, and the word that it is done.
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface ServedAnswer {
  readonly key: string
  readonly cert: string
  readonly host: string
  /** 0 = any. */
  readonly port: number
  /** Said by the installer with its question and again when it is done. */
  readonly token: string
  /** MAC addresses of the machine, small letters: only one that has them all gets an answer. */
  readonly macs: readonly string[]
  readonly firstBoot: string
  /** The answer file's text. */
  answer(): string
  /** One line for each question; nothing secret in it. */
  tell(text: string): void
  /** The machine is installed, and these are its SSH host keys, one line each (`TYPE BASE64`). */
  installed(keys: readonly string[]): void
}

export interface AnswerServer {
  readonly port: number
  close(): Promise<void>
}

/** What an installer says of its machine is small. */
const MOST_BYTES = 1024 * 1024
const HEADERS_MS = 15_000

export async function serveAnswer(served: ServedAnswer): Promise<AnswerServer> {
  const { key, cert, host, port } = served
  const server = createServer({
    key,
    cert,
    minVersion: 'TLSv1.2',
    headersTimeout: HEADERS_MS,
    requestTimeout: 2 * HEADERS_MS,
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void handle(served, request)
      .catch((): Reply => ({ status: 400, text: 'not understood\n' }))
      .then(({ status, text, sent = () => {} }) => {
        response.once('close', sent)
        response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(text)
      })
  })
  // A scanner that speaks no TLS is nothing to end for.
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

interface Reply {
  readonly status: number
  readonly text: string
  /** Called when the reply is out, or nobody is there any more to take it. */
  readonly sent?: () => void
}

async function handle(served: ServedAnswer, request: IncomingMessage): Promise<Reply> {
  const from = request.socket.remoteAddress ?? 'somebody'
  if (request.method === 'GET' && request.url === '/first-boot') return { status: 200, text: served.firstBoot }
  if (request.method !== 'POST') return { status: 404, text: 'nothing here\n' }
  if (request.url === '/answer') return answer(served, from, await readBody(request), request.headers.authorization)
  if (request.url === '/installed') return installed(served, from, await readBody(request))
  return { status: 404, text: 'nothing here\n' }
}

function answer(served: ServedAnswer, from: string, body: unknown, authorization = ''): Reply {
  if (!isSame(authorization, `Bearer ${served.token}`)) {
    served.tell(`${from} asked without the right token, and got nothing`)
    return { status: 401, text: 'the token is not right\n' }
  }
  const has = getMacs(body)
  const missing = served.macs.filter((mac) => !has.includes(mac))
  if (missing.length > 0) {
    served.tell(
      `${from} asked, and is another machine: it has no ${missing.join(', ')} but ${has.join(', ') || 'no port'}`,
    )
    return { status: 403, text: `not for this machine: it has no ${missing.join(', ')}\n` }
  }
  served.tell(`${from} asked, and got its answer: the installation begins`)
  return { status: 200, text: served.answer() }
}

function installed(served: ServedAnswer, from: string, body: unknown): Reply {
  const said = field(body, 'token')
  if (typeof said !== 'string' || !isSame(said, served.token)) {
    served.tell(`${from} said that it is installed, without the right token: not believed`)
    return { status: 401, text: 'the token is not right\n' }
  }
  served.tell(`${from} is installed, and restarts`)
  const keys = field(body, 'ssh-public-host-keys') ?? field(body, 'ssh_public_host_keys')
  const lines = Object.values(typeof keys === 'object' && keys !== null ? keys : {}).filter(
    (one) => typeof one === 'string',
  )
  return { status: 200, text: '', sent: () => served.installed(lines) }
}

/** MAC addresses of an installer's system information, schema 1. */
function getMacs(body: unknown): string[] {
  const links = field(body, 'network_interfaces') ?? field(body, 'network-interfaces')
  if (!Array.isArray(links)) return []
  return links.flatMap((link) => {
    const mac = field(link, 'mac')
    return typeof mac === 'string' && /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac) ? [mac.toLowerCase()] : []
  })
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined

function isSame(said: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(said), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new Error('too long')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
