// A tiny HTTPS server in the place of pveproxy that does what a test tells it, failures included.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { generate } from 'selfsigned'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Reply = (response: ServerResponse, seen: Seen, socket: Socket) => unknown

export interface FakeServer {
  readonly host: string
  readonly port: number
  readonly fingerprint: string
  /** Every request in order, whole. */
  readonly seen: Seen[]
  /** TCP connections so far. */
  connections(): number
  /** How it answers from now on. */
  reply: Reply
  close(): Promise<void>
}

let made: Promise<{ key: string; cert: string; fingerprint: string }> | undefined

/** One certificate for all tests of a process; the fingerprint is its SHA-256. */
export async function getCertificate(): Promise<{ key: string; cert: string; fingerprint: string }> {
  made ??= (async () => {
    const { X509Certificate } = await import('node:crypto')
    const pems = await generate([{ name: 'commonName', value: 'pve.test' }], { keyType: 'ec', algorithm: 'sha256' })
    return { key: pems.private, cert: pems.cert, fingerprint: new X509Certificate(pems.cert).fingerprint256 }
  })()
  return await made
}

/** Starts on a free port of loopback. */
export async function startFakeServer(reply: Reply = sendData(null), host = '127.0.0.1'): Promise<FakeServer> {
  const { key, cert, fingerprint } = await getCertificate()
  const sockets = new Set<Socket>()
  let connections = 0
  const fake = { host, fingerprint, seen: [] as Seen[], connections: () => connections, reply }
  const server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() }
      started.seen.push(seen)
      started.reply(response, seen, request.socket)
    })
  })
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listen(server, host)
  const started: FakeServer = {
    ...fake,
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return started
}

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

/** Answers as Proxmox VE does. */
export function sendData(data: unknown, more: Readonly<Record<string, unknown>> = {}): Reply {
  return (response) => send(response, 200, { data, ...more })
}

/** Refuses as Proxmox VE does: the text in the reason phrase and in the body. */
export function sendError(status: number, message: string, errors?: Readonly<Record<string, string>>): Reply {
  return (response) =>
    send(response, status, { data: null, message, ...(errors === undefined ? {} : { errors }) }, message)
}

function send(response: ServerResponse, status: number, body: unknown, reason = 'OK'): void {
  response.writeHead(status, reason.split('\n')[0] ?? '', { 'content-type': 'application/json;charset=UTF-8' })
  response.end(JSON.stringify(body))
}

/** One reply after the other; the last one stays. */
export function inTurn(...replies: readonly Reply[]): Reply {
  let next = 0
  return (response, seen, socket) => {
    const reply = replies[Math.min(next, replies.length - 1)]
    next += 1
    return reply?.(response, seen, socket)
  }
}

/** Cuts the connection instead of an answer. */
export const cut: Reply = (_response, _seen, socket) => socket.destroy()
/** Never answers. */
export const silent: Reply = () => undefined
