// Sends a request to one of a cluster's endpoints, so many at a time.
import { OrionError } from '../errors.ts'
import { type Endpoint, getAddress, type OpenEndpoint, openEndpoint } from './endpoint.ts'
import { type Answer, exchange, Unanswered } from './exchange.ts'
import { getLimit } from './limit.ts'
import type { Request } from './request.ts'
import { interrupted, type Stop } from './stop.ts'

export interface SenderOptions {
  readonly cluster: string
  readonly endpoints: readonly Endpoint[]
  /** Requests at once. */
  readonly concurrency: number
  readonly timeoutMs: number
  readonly stop: Stop
}

/** An endpoint that takes longer is as good as down. */
const CONNECT_MS = 10_000
const MAX_BYTES = 64 * 1024 * 1024
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

export interface Sender {
  /** Sends once; goes on to the next endpoint only where nothing can have been sent. Errors: Unanswered, E_PVE_CERTIFICATE. */
  once(request: Request, headers: Readonly<Record<string, string>>): Promise<Answer>
  close(): Promise<void>
}

/** Opens nothing before the first request. */
export function openSender({ cluster, endpoints, concurrency, timeoutMs, stop }: SenderOptions): Sender {
  const limit = getLimit(concurrency, stop.now)
  const open = new Map<Endpoint, OpenEndpoint>()
  let current = 0
  const sendTo = async (endpoint: Endpoint, request: Request, headers: Readonly<Record<string, string>>) => {
    const known = open.get(endpoint) ?? openEndpoint(endpoint, concurrency, Math.min(CONNECT_MS, timeoutMs))
    open.set(endpoint, known)
    const { method, path, body } = request
    const outgoing = { method, path, timeoutMs, maxBytes: MAX_BYTES, signal: stop.now }
    if (method === 'GET') return await exchange(known.dispatcher, { ...outgoing, headers })
    const write = { ...outgoing, headers, late: stop.late }
    if (body === undefined) return await exchange(known.dispatcher, write)
    return await exchange(known.dispatcher, { ...write, headers: { ...headers, ...FORM }, body })
  }
  const once = async (request: Request, headers: Readonly<Record<string, string>>): Promise<Answer> => {
    const start = current
    let lost: unknown = new OrionError(`${cluster} has no endpoint`, { code: 'E_PVE_UNREACHABLE' })
    for (let tried = 0; tried < endpoints.length; tried += 1) {
      const index = (start + tried) % endpoints.length
      const endpoint = endpoints[index]
      if (endpoint === undefined) break
      try {
        return await limit(async () => await sendTo(endpoint, request, headers))
      } catch (error) {
        lost = toFailure(error, endpoint, request, stop)
        if (!(lost instanceof Unanswered) || lost.sent) throw lost
        if (current === index) current = (index + 1) % endpoints.length
      }
    }
    throw lost
  }
  return {
    once,
    close: async () => {
      await Promise.all([...open.values()].map(async (endpoint) => await endpoint.close()))
    },
  }
}

/** An error of one try: certificates are final, an abort is an interruption, the rest may be tried elsewhere. */
function toFailure(error: unknown, endpoint: Endpoint, request: Request, stop: Stop): unknown {
  if (!(error instanceof Unanswered)) return stop.now.aborted ? interrupted(`${request.title} was not sent`) : error
  if (error.cause instanceof OrionError) return error.cause
  if (!stop.now.aborted) {
    return new Unanswered(error.sent, new Error(`${getAddress(endpoint)}: ${error.message}`, { cause: error.cause }))
  }
  return error.sent && request.method !== 'GET' ? error : interrupted(`${request.title} was not finished`)
}
