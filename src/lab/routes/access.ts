// /access: roles, the access list, effective permissions. Users and their tokens are in user.ts.

import { builtinRoles, isRootTicket, privilegesOf } from '../permissions.ts'
import { toList } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import { demand } from '../rights.ts'
import type { Call, Routes, Who } from '../route.ts'
import type { WorldState } from '../world.ts'

type AclEntry = WorldState['access']['acl'][number]

function rolesOf({ hardware, access }: WorldState): Record<string, readonly string[]> {
  return Object.assign(Object.create(null) as object, builtinRoles(hardware.version), access.roles)
}

function privilegeMap(privileges: readonly string[]): Record<string, 1> {
  return Object.fromEntries(privileges.map((privilege) => [privilege, 1 as const]))
}

/** Throws for a privilege that this version does not have, e.g. VM.Monitor on 9. */
function readPrivileges(call: Call): string[] {
  const { state } = call.world
  const valid = new Set(builtinRoles(state.hardware.version).Administrator)
  const privileges = [...new Set(toList(call.params.privs))]
  const unknown = privileges.find((privilege) => !valid.has(privilege))
  if (unknown !== undefined) {
    throw invalid({ privs: `invalid privilege '${unknown}'` })
  }
  return privileges
}

function ownRole(call: Call): string {
  const { state } = call.world
  const role = String(call.ids.roleid ?? call.params.roleid)
  if (!rolesOf(state)[role]) throw failure(`role '${role}' does not exist`)
  if (!state.access.roles[role]) throw failure(`auto-generated role '${role}' cannot be modified`)
  return role
}

function createRole(call: Call): unknown {
  const { state } = call.world
  const role = String(call.params.roleid)
  if (rolesOf(state)[role]) throw failure(`role '${role}' already exists`)
  if (/^PVE/i.test(role)) {
    throw invalid({
      roleid: "cannot use role ID starting with the (case-insensitive) 'PVE' namespace",
    })
  }
  state.access.roles[role] = readPrivileges(call)
  call.world.changed()
  return null
}

function updateRole(call: Call): unknown {
  const { roles } = call.world.state.access
  const role = ownRole(call)
  const before = call.params.append === true ? (roles[role] ?? []) : []
  roles[role] = [...new Set([...before, ...readPrivileges(call)])]
  call.world.changed()
  return null
}

function deleteRole(call: Call): unknown {
  const { access } = call.world.state
  const role = ownRole(call)
  delete access.roles[role]
  access.acl = access.acl.filter((entry) => entry.role !== role)
  call.world.changed()
  return null
}

function listRoles(call: Call): unknown {
  const { state } = call.world
  const own = state.access.roles
  return Object.entries(rolesOf(state)).map(([roleid, privileges]) => {
    return { roleid, privs: privileges.join(','), special: own[roleid] ? 0 : 1 }
  })
}

function showRole(call: Call): unknown {
  const privileges = rolesOf(call.world.state)[String(call.ids.roleid)]
  if (!privileges) throw failure(`role '${call.ids.roleid}' does not exist`)
  return privilegeMap(privileges)
}

function listAcl(call: Call): unknown {
  const { acl } = call.world.state.access
  const all = call.allowed('/access', ['Sys.Audit']) || call.allowed('/access', ['Permissions.Modify'])
  return acl
    .filter(({ path }) => all || call.allowed(path, ['Permissions.Modify']))
    .map(({ path, kind, ugid, role, propagate }) => ({
      path,
      type: kind,
      ugid,
      roleid: role,
      propagate: propagate ? 1 : 0,
    }))
}

function cleanPath(path: string): string {
  const clean = `/${path.split('/').filter(Boolean).join('/')}`
  if (!/^\/(|access|nodes|pool|sdn|storage|vms|mapping)(\/|$)/.test(clean)) {
    throw invalid({ path: `invalid ACL path '${path}'` })
  }
  return clean
}

/** Whom an entry names; each must exist, unless it is to go. */
function named(call: Call): { kind: AclEntry['kind']; ugid: string }[] {
  const { users, tokens } = call.world.state.access
  const { params } = call
  const ofUsers = toList(params.users).map((ugid) => ({ kind: 'user' as const, ugid, there: ugid in users }))
  const ofTokens = toList(params.tokens).map((ugid) => ({ kind: 'token' as const, ugid, there: ugid in tokens }))
  const ofGroups = toList(params.groups).map((ugid) => ({ kind: 'group' as const, ugid, there: false }))
  const all = [...ofUsers, ...ofTokens, ...ofGroups]
  if (all.length === 0) {
    throw invalid({
      users: "either 'users', 'groups' or 'tokens' is required.",
    })
  }
  const missing = params.delete === true ? undefined : all.find(({ there }) => !there)
  if (missing) throw failure(`${missing.kind} '${missing.ugid}' does not exist`)
  return all
}

function updateAcl(call: Call): unknown {
  const { state } = call.world
  const { access } = state
  const path = cleanPath(String(call.params.path))
  const roles = toList(call.params.roles)
  const unknown = roles.find((role) => !rolesOf(state)[role])
  if (unknown !== undefined) throw failure(`role '${unknown}' does not exist`)
  for (const { kind, ugid } of named(call)) {
    for (const role of roles) {
      const same = (entry: AclEntry) =>
        entry.path === path && entry.kind === kind && entry.ugid === ugid && entry.role === role
      access.acl = access.acl.filter((entry) => !same(entry))
      if (call.params.delete !== true)
        access.acl.push({ path, kind, ugid, role, propagate: call.params.propagate !== false })
    }
  }
  call.world.changed()
  return null
}

/** Paths that somebody's permissions are shown for when none was asked. */
const SHOWN_PATHS = ['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms', '/mapping']

function permissions(call: Call): unknown {
  const { world, params, who } = call
  const subject = subjectOf(String(params.userid ?? who.token ?? who.user))
  const self = subject.user === who.user && (who.token === undefined || subject.token === who.token)
  if (!self) demand(call, '/access', ['Sys.Audit'])
  const own = world.state.access.acl.map(({ path }) => path)
  const paths = params.path === undefined ? [...new Set([...SHOWN_PATHS, ...own])] : [cleanPath(String(params.path))]
  const rows = paths.map((path) => {
    const held = [...privilegesOf(world, subject, path)].map(([privilege, propagates]) => [
      privilege,
      propagates ? 1 : 0,
    ])
    return [path, Object.fromEntries(held)] as const
  })
  return Object.fromEntries(rows.filter(([, held]) => params.path !== undefined || Object.keys(held).length > 0))
}

function subjectOf(userid: string): Who {
  const [user = ''] = userid.split('!')
  return user === userid ? { user } : { user, token: userid }
}

function password(call: Call): unknown {
  if (!isRootTicket(call.who)) demand(call, '/access', ['User.Modify'])
  throw failure('changing passwords is not simulated by the lab')
}

export const accessRoutes: Routes = {
  'GET /access': () =>
    ['users', 'groups', 'roles', 'acl', 'domains', 'permissions', 'ticket', 'password'].map((subdir) => ({ subdir })),
  'GET /access/roles': listRoles,
  'POST /access/roles': createRole,
  'GET /access/roles/{roleid}': showRole,
  'PUT /access/roles/{roleid}': updateRole,
  'DELETE /access/roles/{roleid}': deleteRole,
  'GET /access/acl': listAcl,
  'PUT /access/acl': updateAcl,
  'GET /access/permissions': permissions,
  'GET /access/groups': () => [],
  'GET /access/domains': () => [
    { realm: 'pam', type: 'pam', comment: 'Linux PAM standard authentication' },
    { realm: 'pve', type: 'pve', comment: 'Proxmox VE authentication server' },
  ],
  'PUT /access/password': password,
}
