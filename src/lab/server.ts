// One cluster's HTTPS server: a request is read, authenticated, allowed, checked, answered by its handler, and replied to.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { authenticate, Unauthorized } from './auth.ts'
import type { Certificate } from './certificate.ts'
import { isDown } from './device/reboot.ts'
import { type FaultAction, type Faults, lockTimeoutText } from './faults.ts'
import { hostOf } from './network.ts'
import { allows, checkPermissions } from './permissions-check.ts'
import { ApiError, type Call, Envelope, type Routes, type Who } from './route.ts'
import type { Endpoint, Schema } from './schema.ts'
import { type Params, PlainError, readParams } from './server-body.ts'
import { type Answer, failure, reply, replyText } from './server-reply.ts'
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

const REFUSAL_MS = 3000
/** An answer that is held back keeps no process alive that ends otherwise. */
const HELD = { ref: false }
const secretName = /password|secret|otp|ticket/i

/** Answers one request of somebody who is known already: what pvesh on a node does, which needs no connection. */
export async function answerAs(
  options: ServerOptions,
  who: Who,
  method: string,
  path: string,
  params: Params,
): Promise<Answer> {
  const found = options.schema.find(method, path)
  const asked = { method, path, params, who }
  const answer = found ? await answerFound(options, asked, found) : failure(notImplemented(asked))
  return answer === 'drop' ? failure(new ApiError(500, 'got no answer')) : answer
}

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
  if (isAllDown(options.world)) {
    response.destroy()
    return
  }
  try {
    const params = await readParams(request, query.join('?'))
    if (format === undefined) throw new PlainError(501, `no such file '${path}'`)
    const method = request.method ?? 'GET'
    const found = options.schema.find(method, rest)
    const who = identify(options, request, found?.endpoint.permissions?.user === 'world')
    const asked = { method, path: rest, params, who }
    const answer = found ? await answerFound(options, asked, found) : failure(notImplemented(asked))
    if (answer === 'drop') response.destroy()
    else reply(response, format, answer)
  } catch (error) {
    if (error instanceof Unauthorized) await refuse(options, response, error.message)
    else if (error instanceof PlainError) replyText(response, error.status, error.message)
    else throw error
  }
}

/** Nobody answers then: who asks is cut off. */
function isAllDown({ state }: World): boolean {
  return state.hardware.nodes.every(({ name }) => isDown(hostOf(state, name)))
}

/** Who asks. Where the `world` may come, as at the login, credentials that are wrong count as none. */
function identify({ world, ticketKey }: ServerOptions, request: IncomingMessage, anybody: boolean): Who | undefined {
  const { authorization, cookie, csrfpreventiontoken: csrf } = request.headers
  const credentials = { method: request.method ?? 'GET', authorization, cookie, csrf: [csrf].flat()[0] }
  try {
    const who = authenticate(world, ticketKey, credentials)
    if (!who && !anybody) throw new Unauthorized('No ticket')
    return who
  } catch (error) {
    if (anybody && error instanceof Unauthorized) return undefined
    throw error
  }
}

function notImplemented({ method, path }: Asked): ApiError {
  return new ApiError(501, `Method '${method} ${path}' not implemented`)
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly params: Params
  readonly who: Who | undefined
}

async function answerFound(
  options: ServerOptions,
  asked: Asked,
  { endpoint, ids }: NonNullable<ReturnType<Schema['find']>>,
): Promise<Answer | 'drop'> {
  const fault = options.faults.strike(endpoint)
  if (fault === 'drop-before') return 'drop'
  if (typeof fault === 'object' && 'delay' in fault) await sleep(fault.delay, undefined, HELD)
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
    if (ids.node !== undefined) ids.node = nodeNamed(world, ids.node)
    if (ids.node !== undefined && isDown(hostOf(world.state, ids.node)))
      return { status: 595, reason: 'No route to host', body: undefined }
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

// A node that is not in the cluster is one whose name does not resolve; `localhost` is the node that was asked, the first.
function nodeNamed({ state }: World, node: string): string {
  const { nodes } = state.hardware
  const known = nodes.find(({ name }) => name === node) ?? (node === 'localhost' ? nodes[0] : undefined)
  if (known) return known.name
  const reason = `failed to get address info for: ${node}: Name or service not known`
  throw new ApiError(500, `hostname lookup '${node}' failed - ${reason}\n`)
}

/** 401 as pveproxy gives it: late, so that guessing is slow, and with nothing but the reason. */
async function refuse({ world }: ServerOptions, response: ServerResponse, reason: string): Promise<void> {
  await sleep(REFUSAL_MS * world.pace, undefined, HELD)
  replyText(response, 401, '', reason)
}

function masked(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, secretName.test(name) ? '***' : value]),
  )
}
