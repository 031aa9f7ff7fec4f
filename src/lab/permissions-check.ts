// Interprets the permission expressions of the schema: ["perm", "/vms/{vmid}", ["VM.Audit"]] and their like.
import { isRootTicket, privilegesOf } from './permissions.ts'
import { ApiError, type Who } from './route.ts'
import type { Permissions } from './schema.ts'
import type { World } from './world.ts'

type Test = readonly unknown[]
interface Asked {
  readonly world: World
  readonly who: Who
  /** Ids of the path and parameters together. */
  readonly params: Readonly<Record<string, unknown>>
}

/** Errors: ApiError 403 in Proxmox VE's words. `who` is undefined for a request without credentials. */
export function checkPermissions(
  permissions: Permissions | undefined,
  world: World,
  who: Who | undefined,
  params: Readonly<Record<string, unknown>>,
): void {
  if (!who) {
    if (permissions?.user === 'world') return
    throw denied('user != null')
  }
  if (isRootTicket(who)) return
  if (!permissions) throw denied('user != root@pam')
  if (permissions.user === 'all' || permissions.user === 'world') return
  const refusal = permissions.check ? check(permissions.check, { world, who, params }) : ''
  if (refusal !== undefined) throw denied(refusal)
}

/** Holds `who` every one of the privileges on the path? */
export function allows(world: World, who: Who, path: string, privileges: readonly string[]): boolean {
  const held = privilegesOf(world, who, path)
  return privileges.every((privilege) => held.has(privilege))
}

function denied(what: string): ApiError {
  return new ApiError(403, what === '' ? 'Permission check failed\n' : `Permission check failed (${what})\n`)
}

/** Returns undefined where the test holds, else what was missing ('' where Proxmox VE does not say). */
function check(test: Test, asked: Asked): string | undefined {
  const [kind, ...rest] = test
  if (kind === 'and') return all(rest, asked)
  if (kind === 'or') return rest.some((part) => check(part as Test, asked) === undefined) ? undefined : ''
  if (kind === 'perm') return checkPerm(rest, asked)
  if (kind === 'perm-modify') return checkModify(fill(String(rest[0]), asked), asked)
  if (kind === 'userid-param') return checkUserParam(String(rest[0]), asked)
  if (kind === 'userid-group') return checkUserGroup(rest[0] as string[], optionsOf(rest.slice(1)), asked)
  return ''
}

function all(tests: Test, asked: Asked): string | undefined {
  return tests.map((part) => check(part as Test, asked)).find((refusal) => refusal !== undefined)
}

function checkPerm([template, privileges, ...more]: Test, asked: Asked): string | undefined {
  const options = optionsOf(more)
  const required = options.require_param
  if (typeof required === 'string' && asked.params[required] === undefined) return ''
  return missing(fill(String(template), asked), privileges as string[], Boolean(options.any), asked)
}

function missing(path: string, privileges: readonly string[], any: boolean, { world, who }: Asked): string | undefined {
  const held = privilegesOf(world, who, path)
  if (any) return privileges.some((privilege) => held.has(privilege)) ? undefined : `${path}, ${privileges.join('|')}`
  const first = privileges.find((privilege) => !held.has(privilege))
  return first === undefined ? undefined : `${path}, ${first}`
}

// Whoever may create things of a kind may also give rights on them.
function checkModify(path: string, asked: Asked): string | undefined {
  const owners: readonly [RegExp, string][] = [
    [/^\/storage\/.+$/, 'Datastore.Allocate'],
    [/^\/vms\/.+$/, 'VM.Allocate'],
    [/^\/pool\/.+$/, 'Pool.Allocate'],
  ]
  const more = owners.filter(([pattern]) => pattern.test(path)).map(([, privilege]) => privilege)
  if (path === '') return missing('/access', ['Permissions.Modify'], false, asked)
  return missing(path, ['Permissions.Modify', ...more], true, asked)
}

function checkUserParam(what: string, asked: Asked): string | undefined {
  const user = String(asked.params.userid ?? '')
  // A token is not its user here: Proxmox VE compares the whole name.
  if (what === 'self') return user === (asked.who.token ?? asked.who.user) ? undefined : ''
  return missing(`/access/realm/${user.split('@').at(-1)}`, [what], false, asked)
}

// The lab has no groups, so a right over users is one over all groups.
function checkUserGroup(
  privileges: readonly string[],
  options: Record<string, unknown>,
  asked: Asked,
): string | undefined {
  const refusal = missing('/access/groups', privileges, true, asked)
  return refusal !== undefined && options.groups_param === undefined ? '' : refusal
}

function optionsOf(pairs: Test): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (let index = 0; index < pairs.length; index += 2) options[String(pairs[index])] = pairs[index + 1]
  return options
}

function fill(template: string, { params }: Asked): string {
  const path = template.replace(/\{([^}]+)\}/g, (_, name: string) => String(params[name] ?? ''))
  return path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1')
}
