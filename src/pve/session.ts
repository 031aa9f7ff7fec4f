// Who we are at a cluster: the headers of an API token, or of a ticket that is renewed in time.
import { OrionError } from '../errors.ts'
import { parseEnvelope } from './answer.ts'
import type { Answer } from './exchange.ts'
import { toRefusal } from './refusal.ts'
import { type Request, toRequest } from './request.ts'

export type Credentials =
  | {
      readonly kind: 'token'
      readonly id: string
      readonly secret: string
      /** What to use where this token is refused (401), e.g. as its user is gone. */
      readonly otherwise?: Credentials
    }
  | { readonly kind: 'ticket'; readonly user: string; readonly password: string }

export interface Pass {
  readonly headers: Readonly<Record<string, string>>
  /** Texts that no message may repeat. */
  readonly secrets: readonly string[]
}

export interface Session {
  /** `user@realm`, `user@realm!token`; asks for the credentials where nobody has yet. */
  who(): Promise<string>
  /** Headers for one request. Logs in where it has to; many callers share one login. */
  pass(write: boolean): Promise<Pass>
  /** After a 401 for this pass: is another try worth it? */
  renew(pass: Pass): boolean
}

/** A ticket lives two hours. */
const RENEW_MS = 90 * 60 * 1000

interface Ticket {
  readonly text: string
  readonly csrf: string
}

/** Takes where credentials come from (asked once), how to send a login, the cluster's name and a clock in milliseconds. */
export function getSession(
  credentials: () => Promise<Credentials>,
  send: (request: Request) => Promise<Answer>,
  cluster: string,
  now: () => number = Date.now,
): Session {
  let known: Promise<Credentials> | undefined
  let ticket: Promise<Ticket> | undefined
  let latest: Ticket | undefined
  let madeAt = 0

  const getCredentials = async (): Promise<Credentials> => {
    known ??= credentials()
    try {
      return checkCredentials(await known, cluster)
    } catch (error) {
      known = undefined
      throw error
    }
  }
  const getTicket = async (user: string, password: string): Promise<Ticket> => {
    if (ticket !== undefined && now() - madeAt > RENEW_MS) ticket = undefined
    if (ticket === undefined) {
      madeAt = now()
      ticket = login(user, password, send, cluster)
    }
    const current = ticket
    try {
      latest = await current
      return latest
    } catch (error) {
      if (ticket === current) ticket = undefined
      throw error
    }
  }
  const tokens = new WeakMap<Pass, Credentials>()
  const passes = new WeakMap<Pass, Ticket>()
  return {
    who: async () => {
      const found = await getCredentials()
      return found.kind === 'token' ? found.id : found.user
    },
    pass: async (write) => {
      const found = await getCredentials()
      if (found.kind === 'token') {
        const pass = getTokenPass(found)
        tokens.set(pass, found)
        return pass
      }
      const made = await getTicket(found.user, found.password)
      const pass = getTicketPass(made, found.password, write)
      passes.set(pass, made)
      return pass
    },
    renew: (pass) => {
      const refused = tokens.get(pass)
      if (refused?.kind === 'token' && refused.otherwise) {
        known = Promise.resolve(refused.otherwise)
        return true
      }
      const used = passes.get(pass)
      if (used === undefined) return false
      // Of many that were refused with one ticket, the first has it renewed.
      if (used === latest) {
        ticket = undefined
        latest = undefined
      }
      return true
    },
  }
}

function getTokenPass({ id, secret }: { id: string; secret: string }): Pass {
  return { headers: { authorization: `PVEAPIToken=${id}=${secret}` }, secrets: [secret] }
}

// Only a ticket needs the second header: it proves that no other site's page made the browser send the cookie.
function getTicketPass({ text, csrf }: Ticket, password: string, write: boolean): Pass {
  const cookie = { cookie: `PVEAuthCookie=${encodeURIComponent(text)}` }
  return { headers: write ? { ...cookie, CSRFPreventionToken: csrf } : cookie, secrets: [password, text, csrf] }
}

async function login(
  username: string,
  password: string,
  send: (request: Request) => Promise<Answer>,
  cluster: string,
): Promise<Ticket> {
  const path = '/api2/json/access/ticket'
  const request = toRequest('POST', path, path, { username, password })
  const answer = await send(request)
  if (answer.status !== 200) throw toRefusal(request, answer, cluster)
  const { data } = parseEnvelope(request, answer, cluster)
  if (isRecord(data) && data.NeedTFA) {
    throw denied(`${username} needs a second factor at ${cluster}`, 'Use an API token: it needs no second factor')
  }
  if (!isRecord(data) || typeof data.ticket !== 'string' || typeof data.CSRFPreventionToken !== 'string') {
    throw new OrionError(`${cluster} answered a login without a ticket`, { code: 'E_PVE_ANSWER' })
  }
  return { text: data.ticket, csrf: data.CSRFPreventionToken }
}

function checkCredentials(found: Credentials, cluster: string): Credentials {
  if (found.kind === 'ticket') return found
  // What does not fit into a header line would make a broken request, or two.
  if (!/^[^\s:/!=\p{Cc}]+@[^\s:/!=\p{Cc}]+![^\s:/!=\p{Cc}]+$/u.test(found.id)) {
    throw denied(`${JSON.stringify(found.id)} is no id of an API token (${cluster})`, 'It looks like user@realm!name')
  }
  if (!/^[\x21-\x7e]+$/.test(found.secret)) {
    throw denied(`The secret of ${found.id} is empty or has spaces (${cluster})`, 'Take it as Proxmox VE printed it')
  }
  return found
}

function denied(message: string, suggestion: string): OrionError {
  return new OrionError(message, { code: 'E_PVE_AUTH', suggestions: [suggestion] })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
