// Rights: the built-in roles of both versions, and what access lists give whom on which path.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { builtinRoles, isRootTicket, privilegesOf } from '../../src/lab/permissions.ts'
import type { Who } from '../../src/lab/route.ts'
import type { World } from '../../src/lab/world.ts'
import { a, type Entry, t, token, user, worldWith } from './access-world.ts'

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
