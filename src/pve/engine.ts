// The requests of one cluster: in whose name, to which endpoint, how often, and what becomes of a lost answer.
import { type Envelope, parseEnvelope } from './answer.ts'
import { type Answer, Unanswered } from './exchange.ts'
import { patiently, toLost } from './lost.ts'
import { toRefusal } from './refusal.ts'
import { type Request, toRequest } from './request.ts'
import { openSender, type SenderOptions } from './sender.ts'
import { type Credentials, getSession, type Pass } from './session.ts'

/** What a recorder sees of each call, once, before it is sent. */
export interface Recorded {
  readonly cluster: string
  readonly method: Request['method']
  /** As proxmox-api names it, without the prefix: ids are `*`. */
  readonly template: string
  /** The path with its ids, encoded. */
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
}

export interface EngineOptions extends SenderOptions {
  readonly credentials: () => Promise<Credentials>
  readonly record?: (request: Recorded) => void
  /** A write was sent: whatever was read before may be old. Also called where its outcome is an error. */
  readonly onWrite: () => void
}

export interface Engine {
  who(): Promise<string>
  /** One call, with the whole envelope. Errors: all of E_PVE_*, E_INTERRUPTED, E_SECRET of the credentials. */
  call(verb: string, path: string, template: string, params?: Readonly<Record<string, unknown>>): Promise<Envelope>
  close(): Promise<void>
}

/** Opens nothing before the first call. */
export function openEngine(options: EngineOptions): Engine {
  const { cluster, stop } = options
  const sender = openSender(options)
  const session = getSession(
    options.credentials,
    // A login changes nothing, so it may be repeated like a read.
    async (request) => await patiently(request, cluster, stop, async () => await sender.once(request, {})),
    cluster,
  )
  const authorised = async (request: Request): Promise<Reply> => {
    const write = request.method !== 'GET'
    const pass = await session.pass(write)
    const answer = await sender.once(request, pass.headers)
    // Refused before any effect: a write may go again too.
    if (answer.status !== 401 || !session.renew(pass)) return { ...answer, pass }
    const renewed = await session.pass(write)
    return { ...(await sender.once(request, renewed.headers)), pass: renewed }
  }
  const write = async (request: Request): Promise<Reply> => {
    try {
      const reply = await authorised(request)
      options.onWrite()
      return reply
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      if (error.sent) options.onWrite()
      throw toLost(request, error, cluster, stop)
    }
  }
  return {
    who: session.who,
    call: async (verb, path, template, params = {}) => {
      const request = toRequest(verb, path, template, params)
      options.record?.(toRecorded(request, cluster, template, params))
      const reply =
        request.method === 'GET'
          ? await patiently(request, cluster, stop, async () => await authorised(request))
          : await write(request)
      if (reply.status >= 200 && reply.status < 300) return parseEnvelope(request, reply, cluster)
      throw toRefusal(request, reply, cluster, reply.pass.secrets)
    },
    close: sender.close,
  }
}

interface Reply extends Answer {
  readonly pass: Pass
}

function toRecorded(
  { method, path }: Request,
  cluster: string,
  template: string,
  params: Readonly<Record<string, unknown>>,
): Recorded {
  const strip = (text: string) => text.replace('/api2/json', '').replace(/\?.*$/s, '')
  return { cluster, method, template: strip(template), path: strip(path), params: { ...params } }
}
