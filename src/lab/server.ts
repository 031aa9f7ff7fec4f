// One cluster's HTTPS server: a request is read, authenticated, allowed, checked, answered by its handler, and replied to.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { authenticate, Unauthorized } from './auth.ts'
import type { Certificate } from './certificate.ts'
import { type FaultAction, type Faults, lockTimeoutText } from './faults.ts'
import { allows, checkPermissions } from './permissions-check.ts'
import { ApiError, type Call, Envelope, type Routes, type Who } from './route.ts'
import type { Endpoint, Schema } from './schema.ts'
import { type Params, PlainError, readParams } from './server-body.ts'
import { validate } from './validate.ts'
import type { World } from './world.ts'

/** What the server remembers of a request, for tests; secrets are masked. */
export interface RequestRecord {
  readonly method: string
  readonly template: string
  readonly ids: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, unknown>>
  readonly status: number
}

export interface ServerOptions {
  readonly world: World
  readonly schema: Schema
  readonly routes: Routes
  readonly certificate: Certificate
  /** Signs tickets. */
  readonly ticketKey: string
  readonly faults: Faults
  readonly record?: (entry: RequestRecord) => void
  /** Answers what lies under /lab/; outside the API and its rights. */
  lab(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>
}

interface Answer {
  readonly status: number
  readonly reason: string
  /** The members of the reply; undefined = no body at all. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

const REFUSAL_MS = 3000
const secretName = /password|secret|otp|ticket/i

/** A server that listens nowhere yet. */
export function makeServer(options: ServerOptions): Server {
  const { key, cert } = options.certificate
  const server = createServer({ key, cert, keepAliveTimeout: 15_000 }, (request, response) => {
    handle(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) replyText(response, 500, error instanceof Error ? error.message : String(error))
      else response.destroy()
    })
  })
  return server
}

async function handle(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '/', ...query] = (request.url ?? '/').split('?')
  if (path.startsWith('/lab/')) {
    await options.lab(request, response, new URL(request.url ?? '/', 'https://localhost'))
    return
  }
  const [, format, rest = '/'] = /^\/api2\/+(json|extjs)(\/.*)?$/.exec(path) ?? []
  try {
    const params = await readParams(request, query.join('?'))
    if (format === undefined) throw new PlainError(501, `no such file '${path}'`)
    const who = identify(options, request)
    const answer = await answerApi(options, { method: request.method ?? 'GET', path: rest, params, who })
    if (answer === 'drop') response.destroy()
    else reply(response, format, answer)
  } catch (error) {
    if (error instanceof Unauthorized) await refuse(options, response, error.message)
    else if (error instanceof PlainError) replyText(response, error.status, error.message)
    else throw error
  }
}

function identify({ world, ticketKey }: ServerOptions, { method = 'GET', headers }: IncomingMessage): Who | undefined {
  const csrf = headers.csrfpreventiontoken
  return authenticate(world, ticketKey, {
    method,
    authorization: headers.authorization,
    cookie: headers.cookie,
    csrf: Array.isArray(csrf) ? csrf[0] : csrf,
  })
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly params: Params
  readonly who: Who | undefined
}

async function answerApi(options: ServerOptions, asked: Asked): Promise<Answer | 'drop'> {
  const found = options.schema.find(asked.method, asked.path)
  if (!found && !asked.who) throw new Unauthorized('No ticket')
  if (!found) return failure(new ApiError(501, `Method '${asked.method} ${asked.path}' not implemented`))
  const { endpoint, ids } = found
  if (!asked.who && endpoint.permissions?.user !== 'world') throw new Unauthorized('No ticket')
  const fault = options.faults.strike(endpoint)
  if (fault === 'drop-before') return 'drop'
  if (typeof fault === 'object' && 'delay' in fault) await sleep(fault.delay)
  const answer = faultAnswer(fault, ids, endpoint) ?? (await run(options, asked, endpoint, ids))
  options.record?.({ ...endpoint, ids, params: masked(asked.params), status: answer.status })
  return fault === 'drop-after' ? 'drop' : answer
}

function faultAnswer(
  fault: FaultAction | undefined,
  ids: Record<string, string>,
  endpoint: Endpoint,
): Answer | undefined {
  if (fault === 'lock-timeout') return failure(new ApiError(500, lockTimeoutText(ids, endpoint.template)))
  if (typeof fault !== 'object' || !('status' in fault)) return undefined
  return { status: fault.status, reason: fault.message ?? 'Connection refused', body: undefined }
}

/** The steps that Proxmox VE takes, in its order: rights before parameters, the node between them. */
async function run(
  options: ServerOptions,
  asked: Asked,
  endpoint: Endpoint,
  ids: Record<string, string>,
): Promise<Answer> {
  const { world } = options
  const who = asked.who ?? { user: '' }
  try {
    checkTwice(ids, asked.params)
    if (who.token !== undefined && !endpoint.allowtoken) {
      throw new ApiError(
        403,
        `Permission check failed (URI '${asked.path}' not available with API token, need proper ticket.\n)\n`,
      )
    }
    checkPermissions(endpoint.permissions, world, asked.who, { ...asked.params, ...ids })
    checkNode(world, ids.node)
    const params = validate(endpoint, ids, asked.params, world.state.hardware.version)
    const { method, template } = endpoint
    const handler = options.routes[`${method} ${template}`]
    if (!handler) throw new ApiError(501, `Method '${method} ${template}' is not simulated by the lab`)
    const allowed: Call['allowed'] = (path, privileges) => allows(world, who, path, privileges)
    const data = await handler({ method, template, ids, params, who, world, allowed })
    const body = data instanceof Envelope ? data.members : { data: data ?? null }
    return { status: 200, reason: 'OK', body }
  } catch (error) {
    return failure(error)
  }
}

function checkTwice(ids: Readonly<Record<string, string>>, params: Params): void {
  for (const [name, id] of Object.entries(ids)) {
    if (params[name] === undefined || String(params[name]) === id) {
      delete params[name]
      continue
    }
    const text = 'duplicate parameter (already defined in URI) with conflicting values!\n'
    throw new ApiError(400, 'Parameter verification failed.\n', { [name]: text })
  }
}

// A node that is not in the cluster is one whose name does not resolve.
function checkNode({ state }: World, node: string | undefined): void {
  if (node === undefined || node === 'localhost' || state.hardware.nodes.some(({ name }) => name === node)) return
  const reason = `failed to get address info for: ${node}: Name or service not known`
  throw new ApiError(500, `hostname lookup '${node}' failed - ${reason}\n`)
}

function failure(error: unknown): Answer {
  const { status, message, errors } =
    error instanceof ApiError ? error : new ApiError(500, error instanceof Error ? `${error.stack}\n` : String(error))
  // A Perl exception ends in a line feed, and Proxmox VE passes that on; "not implemented" is no exception.
  const text = status === 501 || message.endsWith('\n') ? message : `${message}\n`
  const body = { data: null, message: text, ...(errors ? { errors } : {}) }
  return { status, reason: text.split('\n')[0] ?? '', body }
}

function reply(response: ServerResponse, format: string, { status, reason, body }: Answer): void {
  if (body === undefined) replyText(response, status, '', reason)
  else if (format === 'json') send(response, status, reason, JSON.stringify(body))
  else {
    const more = status === 200 ? { success: 1 } : { success: 0, status: String(status) }
    send(response, 200, 'OK', JSON.stringify({ ...body, ...more }))
  }
}

/** 401 as pveproxy gives it: late, so that guessing is slow, and with nothing but the reason. */
async function refuse({ world }: ServerOptions, response: ServerResponse, reason: string): Promise<void> {
  await sleep(REFUSAL_MS * world.pace)
  replyText(response, 401, '', reason)
}

/** A reply outside the API's envelope. */
export function replyText(response: ServerResponse, status: number, text: string, reason = text): void {
  send(response, status, reason, text, 'text/plain')
}

function send(
  response: ServerResponse,
  status: number,
  reason: string,
  text: string,
  type = 'application/json;charset=UTF-8',
): void {
  response.writeHead(status, reason.replace(/[^\t\x20-\x7e]/g, '?'), {
    'Cache-Control': 'max-age=0',
    'Content-Length': Buffer.byteLength(text),
    'Content-Type': type,
    Pragma: 'no-cache',
    Server: 'pve-api-daemon/3.0',
    // Proxmox VE closes the connection after every error.
    ...(status >= 400 ? { Connection: 'close' } : {}),
  })
  response.end(text)
}

function masked(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, secretName.test(name) ? '***' : value]),
  )
}
