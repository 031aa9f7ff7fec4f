// Who may do what: the built-in roles, and the privileges that the access list gives somebody on a path.
import type { Who } from './route.ts'
import type { World, WorldState } from './world.ts'

/** Privilege → does it propagate to what lies below the path? */
export type Privileges = ReadonlyMap<string, boolean>

// Proxmox VE builds its roles from these groups: root < admin < user < audit, per topic (pve-access-control).
const topics: Readonly<Record<string, { root?: string; admin?: string; user?: string; audit?: string }>> = {
  VM: {
    admin:
      'VM.Config.Disk VM.Config.CPU VM.Config.Memory VM.Config.Network VM.Config.HWType VM.Config.Options VM.Allocate VM.Clone VM.Migrate VM.Snapshot VM.Snapshot.Rollback',
    user: 'VM.Config.CDROM VM.Config.Cloudinit VM.Console VM.Backup VM.PowerMgmt',
    audit: 'VM.Audit',
  },
  Sys: {
    root: 'Sys.PowerMgmt Sys.Modify Sys.Incoming Sys.AccessNetwork',
    admin: 'Sys.Console Sys.Syslog',
    audit: 'Sys.Audit',
  },
  Datastore: {
    admin: 'Datastore.Allocate Datastore.AllocateTemplate',
    user: 'Datastore.AllocateSpace',
    audit: 'Datastore.Audit',
  },
  SDN: { admin: 'SDN.Allocate', user: 'SDN.Use', audit: 'SDN.Audit' },
  User: { root: 'Realm.Allocate', admin: 'User.Modify Group.Allocate Realm.AllocateUser' },
  Pool: { admin: 'Pool.Allocate', user: 'Pool.Audit', audit: 'Pool.Audit' },
  Mapping: { admin: 'Mapping.Modify', user: 'Mapping.Use', audit: 'Mapping.Audit' },
}

// Version 9 took VM.Monitor away and split it up.
const vmOf8 = { admin: 'VM.Monitor', user: '', audit: '' }
const vmOf9 = {
  admin: 'VM.GuestAgent.Unrestricted VM.Replicate',
  user: 'VM.GuestAgent.FileRead VM.GuestAgent.FileWrite VM.GuestAgent.FileSystemMgmt',
  audit: 'VM.GuestAgent.Audit',
}

type RoleTable = Readonly<Record<string, readonly string[]>>

const roleTables = new Map<boolean, RoleTable>()

/** Role → its privileges, sorted; Administrator holds every valid one. `version` as in Hardware, e.g. `9.1.4`. */
export function builtinRoles(version: string): RoleTable {
  const nine = Number.parseInt(version, 10) >= 9
  const known = roleTables.get(nine)
  if (known) return known
  const table = makeRoles(nine ? vmOf9 : vmOf8)
  roleTables.set(nine, table)
  return table
}

function makeRoles(more: typeof vmOf8): RoleTable {
  const roles = new Map<string, Set<string>>([['NoAccess', new Set()]])
  const add = (role: string, privileges: readonly string[]) => {
    const known = roles.get(role) ?? new Set()
    for (const privilege of privileges) known.add(privilege)
    roles.set(role, known)
  }
  add('Administrator', ['Permissions.Modify'])
  for (const [topic, groups] of Object.entries(topics)) {
    const [root, admin, user, audit] = (['root', 'admin', 'user', 'audit'] as const).map((group) => {
      const extra = topic === 'VM' && group !== 'root' ? more[group] : ''
      return `${groups[group] ?? ''} ${extra}`.split(' ').filter(Boolean)
    }) as [string[], string[], string[], string[]]
    add('Administrator', [...root, ...admin, ...user, ...audit])
    add(`PVE${topic}Admin`, [...admin, ...user, ...audit])
    add('PVEAdmin', [...admin, ...user, ...audit])
    if (user.length > 0) add(`PVE${topic}User`, [...user, ...audit])
    add('PVEAuditor', audit)
  }
  roles.get('PVEAdmin')?.delete('Mapping.Modify')
  add('PVETemplateUser', ['VM.Clone', 'VM.Audit'])
  const table = [...roles].sort().map(([role, privileges]) => [role, [...privileges].sort()] as const)
  // Without a prototype, so that no role is called `constructor`.
  return Object.assign(Object.create(null) as object, Object.fromEntries(table))
}

/** Is it root@pam by password? What Proxmox VE calls "only root" does not even admit a token of root@pam. */
export function isRootTicket(who: Who): boolean {
  return who.user === 'root@pam' && who.token === undefined
}

/**
 * The privileges of a user or token on a path such as `/vms/100`: access list, propagation, pools, and for a token with
 * privilege separation only what its user holds as well. Nobody known holds nothing.
 */
export function privilegesOf(world: World, who: Who, path: string): Privileges {
  const { state } = world
  const token = who.token === undefined ? undefined : state.access.tokens[who.token]
  if (who.token !== undefined && !token) return new Map()
  const ofUser = privilegesOfUser(state, who.user, path)
  if (who.token === undefined || !token?.privsep) return ofUser
  const own = privilegesByRoles(state, 'token', who.token, path)
  return new Map([...own].filter(([privilege]) => ofUser.has(privilege)))
}

function privilegesOfUser(state: WorldState, user: string, path: string): Privileges {
  if (user === 'root@pam') return allPrivileges(state.hardware.version)
  if (!state.access.users[user]?.enable) return new Map()
  return privilegesByRoles(state, 'user', user, path)
}

const allByVersion = new Map<string, Privileges>()

function allPrivileges(version: string): Privileges {
  const names = builtinRoles(version).Administrator ?? []
  const all = allByVersion.get(version) ?? new Map(names.map((privilege) => [privilege, true]))
  allByVersion.set(version, all)
  return all
}

function privilegesByRoles(state: WorldState, kind: 'user' | 'token', ugid: string, path: string): Privileges {
  const roles = rolesOf(state, kind, ugid, path)
  const found = new Map<string, boolean>()
  if (roles.has('NoAccess')) return found
  const pool = poolOf(state, path)
  const ofPool = pool === undefined ? new Map<string, boolean>() : rolesOf(state, kind, ugid, `/pool/${pool}`)
  // A pool's roles count for its members as if they were given on the member itself.
  if (ofPool.has('NoAccess')) ofPool.clear()
  for (const [role, propagates] of [...roles, ...ofPool]) {
    for (const privilege of privilegesOfRole(state, role)) {
      found.set(privilege, propagates || (found.get(privilege) ?? false))
    }
  }
  return found
}

/** Roles on a path: the deepest entry that applies replaces all from above it. */
function rolesOf(state: WorldState, kind: string, ugid: string, path: string): Map<string, boolean> {
  let roles = new Map<string, boolean>()
  let depth = -1
  for (const entry of state.access.acl) {
    if (entry.kind !== kind || entry.ugid !== ugid) continue
    const here = entry.path === path
    if (!here && !(entry.propagate && isAbove(entry.path, path))) continue
    const entryDepth = entry.path === '/' ? 0 : entry.path.length
    if (entryDepth > depth) roles = new Map()
    if (entryDepth >= depth) roles.set(entry.role, entry.propagate)
    depth = Math.max(depth, entryDepth)
  }
  return roles
}

function isAbove(above: string, path: string): boolean {
  return above === '/' || path.startsWith(`${above}/`)
}

function poolOf(state: WorldState, path: string): string | undefined {
  const vmid = /^\/vms\/(\d+)$/.exec(path)?.[1]
  return vmid === undefined ? undefined : state.guests[vmid]?.pool
}

function privilegesOfRole(state: WorldState, role: string): readonly string[] {
  return builtinRoles(state.hardware.version)[role] ?? state.access.roles[role] ?? []
}
