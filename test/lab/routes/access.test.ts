import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

describe('lab/routes/access', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  it('makes, changes and deletes roles; what named one loses it', async () => {
    await bench.send('POST /access/roles', { roleid: 'r', privs: ['VM.Audit'] })
    await bench.send('PUT /access/roles/r', { privs: 'VM.Clone', append: true })
    assert.deepEqual(await bench.send('GET /access/roles/r'), { 'VM.Audit': 1, 'VM.Clone': 1 })
    await bench.send('PUT /access/acl', { path: '/vms', roles: 'r', users: 'root@pam' })
    await bench.send('DELETE /access/roles/r')
    assert.deepEqual(await bench.send('GET /access/acl'), [])
  })

  for (const [version, privilege, answer] of [
    ['9.1.4', 'VM.Monitor', `400 {"privs":"invalid privilege 'VM.Monitor'\\n"}`],
    ['9.1.4', 'VM.GuestAgent.Audit', 'no refusal'],
    ['8.4.14', 'VM.Monitor', 'no refusal'],
    ['8.4.14', 'VM.GuestAgent.Audit', `400 {"privs":"invalid privilege 'VM.GuestAgent.Audit'\\n"}`],
  ] as const) {
    it(`${privilege} on ${version}`, async () => {
      const old = await openBench({ version })
      try {
        assert.equal(await old.refusal('POST /access/roles', { roleid: 'r', privs: [privilege] }), answer)
      } finally {
        await old.close()
      }
    })
  }

  const refused: [string, Row, string][] = [
    ['POST /access/roles', { roleid: 'PVEAdmin' }, "500 role 'PVEAdmin' already exists\n"],
    ['PUT /access/roles/PVEAdmin', { privs: '' }, "500 auto-generated role 'PVEAdmin' cannot be modified\n"],
    ['GET /access/roles/none', {}, "500 role 'none' does not exist\n"],
    ['PUT /access/acl', { path: '/', roles: 'none', users: 'root@pam' }, "500 role 'none' does not exist\n"],
    ['PUT /access/acl', { path: '/', roles: 'PVEAdmin', users: 'no@pve' }, "500 user 'no@pve' does not exist\n"],
    [
      'PUT /access/acl',
      { path: '/nowhere', roles: 'PVEAdmin', users: 'root@pam' },
      `400 {"path":"invalid ACL path '/nowhere'\\n"}`,
    ],
  ]
  for (const [request, params, text] of refused) {
    it(`refuses ${request} ${JSON.stringify(params)}`, async () =>
      assert.equal(await bench.refusal(request, params), text))
  }

  it('gives an entry of the access list once, and takes it away', async () => {
    const entry = { path: '/vms/', roles: 'PVEVMUser', users: 'root@pam' }
    await bench.send('PUT /access/acl', entry)
    await bench.send('PUT /access/acl', { ...entry, propagate: false })
    assert.deepEqual(await bench.send('GET /access/acl'), [
      { path: '/vms', type: 'user', ugid: 'root@pam', roleid: 'PVEVMUser', propagate: 0 },
    ])
    await bench.send('PUT /access/acl', { ...entry, delete: true })
    assert.deepEqual(await bench.send('GET /access/acl'), [])
  })

  it('shows effective permissions, those of others only to who may look', async () => {
    await bench.send('POST /access/users', { userid: 'a@pve' })
    await bench.send('PUT /access/acl', { path: '/pool', roles: 'PVEPoolUser', users: 'a@pve' })
    const who = { user: 'a@pve' }
    assert.deepEqual(await bench.send('GET /access/permissions', {}, who), { '/pool': { 'Pool.Audit': 1 } })
    assert.deepEqual(await bench.send('GET /access/permissions', { path: '/vms' }, who), { '/vms': {} })
    assert.match(
      await bench.refusal('GET /access/permissions', { userid: 'root@pam' }, who),
      /^403 .*\/access, Sys.Audit/,
    )
  })
})
