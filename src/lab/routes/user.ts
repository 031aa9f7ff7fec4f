// /access/users: users and their API tokens.

import { randomUUID } from 'node:crypto'
import { hashSecret } from '../auth.ts'
import { failure, invalid } from '../refusal.ts'
import type { Call, Routes } from '../route.ts'
import type { WorldState } from '../world.ts'

type User = WorldState['access']['users'][string]
type Token = WorldState['access']['tokens'][string]

const REALMS = new Set(['pam', 'pve'])
const PROFILE = ['email', 'firstname', 'lastname', 'expire', 'keys', 'groups'] as const

function getUser(call: Call): { name: string; user: User } {
  const name = String(call.ids.userid)
  const user = call.world.state.access.users[name]
  if (!user) throw failure(`no such user ('${name}')`)
  return { name, user }
}

function fill(user: User, params: Call['params']): void {
  if (params.enable !== undefined) user.enable = params.enable === true
  if (params.comment !== undefined) user.comment = String(params.comment)
  if (params.password !== undefined) user.passwordHash = hashSecret(String(params.password))
  for (const key of PROFILE) {
    const value = params[key]
    if (value === undefined) continue
    user.more = { ...user.more, [key]: typeof value === 'number' ? value : String(value) }
  }
}

function userRow(user: User): Record<string, unknown> {
  const { enable, comment, more } = user
  return { enable: enable ? 1 : 0, expire: 0, ...(comment === undefined ? {} : { comment }), ...more }
}

function tokensOf(call: Call, name: string): Record<string, unknown>[] {
  return Object.entries(call.world.state.access.tokens)
    .filter(([id]) => id.startsWith(`${name}!`))
    .map(([id, token]) => ({ tokenid: id.slice(name.length + 1), ...tokenRow(token) }))
}

function tokenRow({ privsep, expire, comment }: Token): Record<string, unknown> {
  return { privsep: privsep ? 1 : 0, expire, ...(comment === undefined ? {} : { comment }) }
}

function createUser(call: Call): unknown {
  const { users } = call.world.state.access
  const name = String(call.params.userid)
  const realm = name.slice(name.lastIndexOf('@') + 1)
  if (!REALMS.has(realm)) throw failure(`domain '${realm}' does not exist`)
  if (users[name]) throw failure(`create user failed: user '${name}' already exists`)
  const user: User = { enable: true }
  fill(user, call.params)
  users[name] = user
  call.world.changed()
  return null
}

function updateUser(call: Call): unknown {
  fill(getUser(call).user, call.params)
  call.world.changed()
  return null
}

function deleteUser(call: Call): unknown {
  const { name } = getUser(call)
  const { access } = call.world.state
  if (name === 'root@pam') throw failure(`delete user failed: '${name}' is not allowed to be deleted`)
  delete access.users[name]
  for (const id of Object.keys(access.tokens)) if (id.startsWith(`${name}!`)) delete access.tokens[id]
  access.acl = access.acl.filter(({ ugid }) => ugid !== name && !ugid.startsWith(`${name}!`))
  call.world.changed()
  return null
}

function listUsers(call: Call): unknown {
  const { users } = call.world.state.access
  const all = ['Sys.Audit', 'User.Modify'].some((privilege) => call.allowed('/access/groups', [privilege]))
  return Object.entries(users)
    .filter(([name]) => all || name === call.who.user)
    .filter(([, { enable }]) => call.params.enabled === undefined || call.params.enabled === enable)
    .map(([userid, user]) => {
      const tokens = call.params.full === true ? { tokens: tokensOf(call, userid) } : {}
      return { userid, 'realm-type': userid.endsWith('@pam') ? 'pam' : 'pve', ...userRow(user), ...tokens }
    })
}

function showUser(call: Call): unknown {
  const { name, user } = getUser(call)
  const tokens = Object.fromEntries(tokensOf(call, name).map(({ tokenid, ...row }) => [String(tokenid), row]))
  return { ...userRow(user), groups: [], tokens }
}

function tokenId(call: Call): string {
  return `${getUser(call).name}!${call.ids.tokenid}`
}

function getToken(call: Call): Token {
  const token = call.world.state.access.tokens[tokenId(call)]
  if (!token) throw failure(`no such token '${call.ids.tokenid}' for user '${call.ids.userid}'`)
  return token
}

function createToken(call: Call): unknown {
  const { params, world } = call
  const id = tokenId(call)
  if (world.state.access.tokens[id]) {
    throw invalid({ tokenid: 'Token already exists.' })
  }
  const value = randomUUID()
  const privsep = params.privsep !== false
  const expire = Number(params.expire ?? 0)
  const comment = params.comment === undefined ? {} : { comment: String(params.comment) }
  world.state.access.tokens[id] = { secretHash: hashSecret(value), privsep, expire, ...comment }
  world.changed()
  // The echo of what was sent comes as text, as a real node was seen to do.
  return {
    'full-tokenid': id,
    info: { privsep: privsep ? '1' : '0', ...(expire ? { expire: String(expire) } : {}), ...comment },
    value,
  }
}

function updateToken(call: Call): unknown {
  const { params } = call
  const token = getToken(call)
  if (params.privsep !== undefined) token.privsep = params.privsep === true
  if (params.expire !== undefined) token.expire = Number(params.expire)
  if (params.comment !== undefined) token.comment = String(params.comment)
  call.world.changed()
  if (params.regenerate !== true) return tokenRow(token)
  const value = randomUUID()
  token.secretHash = hashSecret(value)
  return { 'full-tokenid': tokenId(call), info: tokenRow(token), value }
}

function deleteToken(call: Call): unknown {
  getToken(call)
  const { access } = call.world.state
  const id = tokenId(call)
  delete access.tokens[id]
  access.acl = access.acl.filter(({ ugid }) => ugid !== id)
  call.world.changed()
  return null
}

export const userRoutes: Routes = {
  'GET /access/users': listUsers,
  'POST /access/users': createUser,
  'GET /access/users/{userid}': showUser,
  'PUT /access/users/{userid}': updateUser,
  'DELETE /access/users/{userid}': deleteUser,
  'GET /access/users/{userid}/token': (call) => tokensOf(call, getUser(call).name),
  'GET /access/users/{userid}/token/{tokenid}': (call) => tokenRow(getToken(call)),
  'POST /access/users/{userid}/token/{tokenid}': createToken,
  'PUT /access/users/{userid}/token/{tokenid}': updateToken,
  'DELETE /access/users/{userid}/token/{tokenid}': deleteToken,
}
