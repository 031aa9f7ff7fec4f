// Rights: the built-in roles of both versions, and what access lists give whom on which path.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { builtinRoles, isRootTicket, privilegesOf } from '../../src/lab/permissions.ts'
import { checkPermissions } from '../../src/lab/permissions-check.ts'
import type { ApiError, Who } from '../../src/lab/route.ts'
import type { Permissions } from '../../src/lab/schema.ts'
import type { World, WorldState } from '../../src/lab/world.ts'
import { newWorldState } from '../../src/lab/world-file.ts'
import { hardware } from './lab-site.ts'

type Entry = WorldState['access']['acl'][number]
const user = (path: string, role: string, propagate = true): Entry => ({
  path,
  kind: 'user',
  ugid: 'a@pve',
  role,
  propagate,
})
const token = (path: string, role: string): Entry => ({ path, kind: 'token', ugid: 'a@pve!t', role, propagate: true })

function worldWith(acl: Entry[], privsep = true, enable = true): World {
  const state = newWorldState(hardware)
  state.access.users['a@pve'] = { enable }
  state.access.tokens['a@pve!t'] = { secretHash: '', privsep, expire: 0 }
  state.access.acl = acl
  state.pools.mine = {}
  state.guests['100'] = {
    vmid: 100,
    kind: 'qemu',
    node: 'pve1',
    status: 'stopped',
    config: {},
    pending: {},
    pool: 'mine',
  }
  return { state, changed() {}, now: () => 0, pace: 0 }
}

const a: Who = { user: 'a@pve' }
const t: Who = { user: 'a@pve', token: 'a@pve!t' }

const cases: readonly [string, World, Who, string, string, boolean][] = [
  ['an entry holds below its path', worldWith([user('/', 'PVEVMUser')]), a, '/vms/100', 'VM.PowerMgmt', true],
  [
    'an entry without propagation holds on its path',
    worldWith([user('/vms', 'PVEVMUser', false)]),
    a,
    '/vms',
    'VM.Audit',
    true,
  ],
  ['… and not below', worldWith([user('/vms', 'PVEVMUser', false)]), a, '/vms/100', 'VM.Audit', false],
  ['/vms/10 is not above /vms/100', worldWith([user('/vms/10', 'PVEVMUser')]), a, '/vms/100', 'VM.Audit', false],
  [
    'a deeper entry replaces',
    worldWith([user('/vms', 'PVEVMAdmin'), user('/vms/100', 'PVEVMUser')]),
    a,
    '/vms/100',
    'VM.Allocate',
    false,
  ],
  [
    'two roles on one path add up',
    worldWith([user('/vms', 'PVEVMUser'), user('/vms', 'PVEVMAdmin')]),
    a,
    '/vms/100',
    'VM.Allocate',
    true,
  ],
  [
    'NoAccess takes all',
    worldWith([user('/', 'Administrator'), user('/vms/100', 'NoAccess')]),
    a,
    '/vms/100',
    'VM.Audit',
    false,
  ],
  ['a pool counts for its member', worldWith([user('/pool/mine', 'PVEVMUser')]), a, '/vms/100', 'VM.Audit', true],
  ['… and for no other guest', worldWith([user('/pool/mine', 'PVEVMUser')]), a, '/vms/101', 'VM.Audit', false],
  ['an unknown role gives nothing', worldWith([user('/', 'Ghost')]), a, '/', 'Sys.Audit', false],
  ['a disabled user holds nothing', worldWith([user('/', 'Administrator')], true, false), a, '/', 'Sys.Audit', false],
  ['privsep: a token needs its own', worldWith([user('/', 'Administrator')]), t, '/', 'Sys.Audit', false],
  ['privsep: and its user must hold it', worldWith([token('/', 'Administrator')]), t, '/', 'Sys.Audit', false],
  ['privsep: both', worldWith([user('/', 'PVEAuditor'), token('/', 'Administrator')]), t, '/', 'Sys.Audit', true],
  [
    'privsep: only what both hold',
    worldWith([user('/', 'PVEAuditor'), token('/', 'Administrator')]),
    t,
    '/',
    'Sys.Modify',
    false,
  ],
  ['without privsep a token is its user', worldWith([user('/', 'PVEAuditor')], false), t, '/', 'Sys.Audit', true],
  [
    'a token that is gone holds nothing',
    worldWith([user('/', 'PVEAuditor')], false),
    { user: 'a@pve', token: 'a@pve!x' },
    '/',
    'Sys.Audit',
    false,
  ],
]

describe('permissions', () => {
  for (const [title, world, who, path, privilege, held] of cases) {
    it(title, () => assert.equal(privilegesOf(world, who, path).has(privilege), held))
  }

  it('have VM.Monitor in 8 and what it was split into in 9', () => {
    assert.ok(builtinRoles('8.4.14').PVEVMAdmin?.includes('VM.Monitor'))
    const nine = builtinRoles('9.1.4')
    assert.equal(nine.Administrator?.includes('VM.Monitor'), false)
    assert.deepEqual(
      nine.PVEVMUser,
      'VM.Audit VM.Backup VM.Config.CDROM VM.Config.Cloudinit VM.Console VM.GuestAgent.Audit VM.GuestAgent.FileRead VM.GuestAgent.FileSystemMgmt VM.GuestAgent.FileWrite VM.PowerMgmt'.split(
        ' ',
      ),
    )
  })

  it('keep Mapping.Modify from PVEAdmin and root privileges from everybody but Administrator', () => {
    const roles = builtinRoles('9.1.4')
    assert.equal(roles.PVEAdmin?.includes('Mapping.Modify'), false)
    assert.ok(roles.PVEMappingAdmin?.includes('Mapping.Modify'))
    const holders = Object.keys(roles).filter((role) => roles[role]?.includes('Sys.Modify'))
    assert.deepEqual(holders, ['Administrator'])
  })

  it('know root only by its ticket', () => {
    assert.equal(isRootTicket({ user: 'root@pam' }), true)
    assert.equal(isRootTicket({ user: 'root@pam', token: 'root@pam!lab' }), false)
    assert.equal(isRootTicket(a), false)
  })

  it('never give a privsep token more than its user', () => {
    const role = fc.constantFrom(...Object.keys(builtinRoles('9.1.4')))
    const path = fc.constantFrom('/', '/vms', '/vms/100', '/pool/mine', '/storage/local', '/access/groups')
    const entry = fc.record({
      path,
      role,
      propagate: fc.boolean(),
      kind: fc.constant('user' as const),
      ugid: fc.constant('a@pve'),
    })
    const own = entry.map((part): Entry => ({ ...part, kind: 'token', ugid: 'a@pve!t' }))
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), fc.array(own, { maxLength: 4 }), path, (users, tokens, where) => {
        const world = worldWith([...users, ...tokens])
        const held = privilegesOf(world, a, where)
        return [...privilegesOf(world, t, where).keys()].every((privilege) => held.has(privilege))
      }),
      { numRuns: 300 },
    )
  })
})

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

describe('permission checks', () => {
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
