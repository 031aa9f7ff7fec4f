// The permission expressions of the schema, and the words of a refusal.
import assert from 'node:assert/strict'
import { checkPermissions } from '../../src/lab/permissions-check.ts'
import type { ApiError, Who } from '../../src/lab/route.ts'
import type { Permissions } from '../../src/lab/schema.ts'
import { a, type Entry, t, user, worldWith } from './access-world.ts'

const checks: readonly [
  string,
  Permissions | undefined,
  Who | undefined,
  Entry[],
  Record<string, unknown>,
  string | undefined,
][] = [
  ['world admits nobody in particular', { user: 'world' }, undefined, [], {}, undefined],
  ['all does not', { user: 'all' }, undefined, [], {}, 'Permission check failed (user != null)\n'],
  ['nothing said means root', undefined, a, [], {}, 'Permission check failed (user != root@pam)\n'],
  [
    '… and not its token',
    undefined,
    { user: 'root@pam', token: 'root@pam!lab' },
    [],
    {},
    'Permission check failed (user != root@pam)\n',
  ],
  ['… but its ticket', undefined, { user: 'root@pam' }, [], {}, undefined],
  [
    'perm names path and privilege',
    { check: ['perm', '/vms/{vmid}', ['VM.Audit']] },
    a,
    [],
    { vmid: '100' },
    'Permission check failed (/vms/100, VM.Audit)\n',
  ],
  [
    'any of them',
    { check: ['perm', '/', ['Sys.Audit', 'Sys.Modify'], 'any', 1] },
    a,
    [user('/', 'PVEAuditor')],
    {},
    undefined,
  ],
  [
    'none of them',
    { check: ['perm', '/', ['Sys.Audit', 'Sys.Modify'], 'any', 1] },
    a,
    [],
    {},
    'Permission check failed (/, Sys.Audit|Sys.Modify)\n',
  ],
  [
    'or says nothing',
    { check: ['or', ['perm', '/', ['Sys.Audit']], ['perm', '/', ['Sys.Modify']]] },
    a,
    [],
    {},
    'Permission check failed\n',
  ],
  [
    'and says the first',
    { check: ['and', ['perm', '/', ['Sys.Audit']], ['perm', '/', ['Sys.Modify']]] },
    a,
    [user('/', 'PVEAuditor')],
    {},
    'Permission check failed (/, Sys.Modify)\n',
  ],
  [
    'a parameter that is required',
    { check: ['perm', '/pool/{pool}', ['VM.Allocate'], 'require_param', 'pool'] },
    a,
    [user('/', 'PVEAdmin')],
    {},
    'Permission check failed\n',
  ],
  ['oneself', { check: ['userid-param', 'self'] }, a, [], { userid: 'a@pve' }, undefined],
  [
    'a token is not oneself',
    { check: ['userid-param', 'self'] },
    t,
    [],
    { userid: 'a@pve' },
    'Permission check failed\n',
  ],
  ['not another', { check: ['userid-param', 'self'] }, a, [], { userid: 'b@pve' }, 'Permission check failed\n'],
  [
    'the realm of a user',
    { check: ['userid-param', 'Realm.AllocateUser'] },
    a,
    [],
    { userid: 'b@pve' },
    'Permission check failed (/access/realm/pve, Realm.AllocateUser)\n',
  ],
  [
    'users by their groups',
    { check: ['userid-group', ['User.Modify']] },
    a,
    [user('/access/groups', 'PVEUserAdmin')],
    { userid: 'b@pve' },
    undefined,
  ],
  [
    'rights on a guest by VM.Allocate',
    { check: ['perm-modify', '{path}'] },
    a,
    [user('/vms', 'PVEVMAdmin')],
    { path: '/vms/100' },
    undefined,
  ],
  [
    'rights on all by Permissions.Modify',
    { check: ['perm-modify', '{path}'] },
    a,
    [user('/', 'PVEAdmin')],
    { path: '/' },
    'Permission check failed (/, Permissions.Modify)\n',
  ],
]

describe('lab/permissions-check', () => {
  for (const [title, permissions, who, acl, params, refusal] of checks) {
    it(title, () => {
      const run = () => checkPermissions(permissions, worldWith(acl), who, params)
      if (refusal === undefined) run()
      else {
        assert.throws(run, (error: ApiError) => {
          assert.deepEqual([error.status, error.message], [403, refusal])
          return true
        })
      }
    })
  }
})
