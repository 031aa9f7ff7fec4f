// Who asks: tickets and API tokens as pveproxy checks them, and the secrets behind them.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { privilegesOf } from './permissions.ts'
import { ApiError, type Handler, type Who } from './route.ts'
import type { World } from './world.ts'

const TICKET_SECONDS = 2 * 60 * 60

/** What a request carries; header names in lower case. */
export interface Credentials {
  readonly method: string
  readonly authorization?: string | undefined
  readonly cookie?: string | undefined
  readonly csrf?: string | undefined
}

/** A request that nobody may make: 401 with this reason phrase and no body. */
export class Unauthorized extends Error {}

/** SHA-256 of a password or token secret; enough for secrets that live as long as a lab. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Compares in constant time. */
export function matchesSecret(secret: string, hash: string | undefined): boolean {
  return hash !== undefined && isSame(hashSecret(secret), hash)
}

function isSame(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Who asks, or undefined where the request carries nothing. Errors: Unauthorized. `key` signs the tickets. */
export function authenticate(world: World, key: string, credentials: Credentials): Who | undefined {
  const token = /^PVEAPIToken[= ](.+)$/.exec(credentials.authorization ?? '')?.[1]
  if (token !== undefined) return checkToken(world, token)
  const ticket = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(credentials.cookie ?? '')?.[1]
  if (ticket === undefined) return undefined
  const user = userOfTicket(world, key, decode(ticket))
  if (user === undefined) throw new Unauthorized('permission denied - invalid PVE ticket')
  if (credentials.method !== 'GET' && !isCsrfToken(world, key, user, credentials.csrf ?? '')) {
    throw new Unauthorized('Permission denied - invalid csrf token')
  }
  return { user }
}

/** Clients may percent-encode a cookie; what cannot be decoded is no ticket. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

function checkToken(world: World, text: string): Who {
  const [, user = '', name = '', secret = ''] = /^([^\s!]+@[^\s!]+)!([^=\s:]+)[=:](.+)$/.exec(text) ?? []
  const token = `${user}!${name}`
  const account = world.state.access.users[user]
  const known = world.state.access.tokens[token]
  if (!account) throw new Unauthorized(`no such user ('${user}')`)
  if (!account.enable) throw new Unauthorized(`user '${user}' is disabled`)
  if (!known) throw new Unauthorized(`no such token '${name}' for user '${user}'`)
  if (known.expire > 0 && known.expire * 1000 < world.now()) throw new Unauthorized(`token '${name}' access expired`)
  if (!matchesSecret(secret, known.secretHash)) throw new Unauthorized('invalid token value!')
  return { user, token }
}

function sign(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64')
}

function hexNow(world: World): string {
  return Math.floor(world.now() / 1000)
    .toString(16)
    .toUpperCase()
    .padStart(8, '0')
}

function isRecent(world: World, hex: string): boolean {
  const age = world.now() / 1000 - Number.parseInt(hex, 16)
  return age > -300 && age < TICKET_SECONDS
}

function userOfTicket(world: World, key: string, ticket: string): string | undefined {
  const [, plain = '', user = '', hex = '', signature = ''] = /^(PVE:([^:]+):([0-9A-F]{8}))::(.+)$/.exec(ticket) ?? []
  const right = plain !== '' && isSame(sign(key, plain), signature) && isRecent(world, hex)
  return right && world.state.access.users[user]?.enable ? user : undefined
}

function isCsrfToken(world: World, key: string, user: string, token: string): boolean {
  const [, hex = '', signature = ''] = /^([0-9A-F]{8}):(.+)$/.exec(token) ?? []
  return hex !== '' && isRecent(world, hex) && isSame(sign(key, `csrf:${hex}:${user}`), signature)
}

/** The handler of `POST /access/ticket`: a password, or a ticket that is still good, for a new ticket. */
export function ticketHandler(key: string): Handler {
  return ({ world, params }) => {
    const name = String(params.username)
    const user = name.includes('@') ? name : `${name}@${params.realm ?? 'pam'}`
    const account = world.state.access.users[user]
    const password = String(params.password)
    const right = matchesSecret(password, account?.passwordHash) || userOfTicket(world, key, password) === user
    if (!account?.enable || !right) throw new ApiError(401, 'authentication failure\n')
    const hex = hexNow(world)
    const plain = `PVE:${user}:${hex}`
    return {
      username: user,
      ticket: `${plain}::${sign(key, plain)}`,
      CSRFPreventionToken: `${hex}:${sign(key, `csrf:${hex}:${user}`)}`,
      clustername: world.state.hardware.cluster,
      cap: capabilities(world, user),
    }
  }
}

// What the web interface wants to know of the user's rights, by topic.
function capabilities(world: World, user: string): Record<string, Record<string, number>> {
  const topics = {
    vms: '/vms',
    storage: '/storage',
    access: '/access',
    nodes: '/nodes',
    dc: '/',
    sdn: '/sdn',
    mapping: '/mapping',
  }
  return Object.fromEntries(
    Object.entries(topics).map(([topic, path]) => [
      topic,
      Object.fromEntries([...privilegesOf(world, { user }, path).keys()].map((privilege) => [privilege, 1])),
    ]),
  )
}
