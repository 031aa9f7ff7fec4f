import assert from 'node:assert/strict'
import { hashSecret } from '../../../src/lab/auth.ts'
import { type Bench, openBench, type Row } from '../requests.ts'

describe('lab/routes/user', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.send('POST /access/users', { userid: 'a@pve', comment: 'hi', password: 'open sesame' })
  })
  afterEach(() => bench.close())

  it('is made, changed, shown and deleted, tokens and rights with it', async () => {
    await bench.send('PUT /access/users/a@pve', { enable: false })
    assert.deepEqual(await bench.send('GET /access/users/a@pve'), {
      enable: 0,
      expire: 0,
      comment: 'hi',
      groups: [],
      tokens: {},
    })
    await bench.send('POST /access/users/a@pve/token/t1')
    await bench.send('PUT /access/acl', { path: '/', roles: 'PVEAuditor', users: 'a@pve', tokens: 'a@pve!t1' })
    await bench.send('DELETE /access/users/a@pve')
    assert.deepEqual(Object.keys(bench.world.state.access.tokens), ['root@pam!lab'])
    assert.deepEqual(bench.world.state.access.acl, [])
    assert.equal(await bench.refusal('GET /access/users/a@pve'), "500 no such user ('a@pve')\n")
  })

  it('keeps no password and no secret in clear', async () => {
    const { value } = (await bench.send('POST /access/users/a@pve/token/t1')) as Row
    const state = JSON.stringify(bench.world.state)
    assert.ok(!state.includes('sesame') && !state.includes(String(value)))
    assert.equal(bench.world.state.access.tokens['a@pve!t1']?.secretHash, hashSecret(String(value)))
  })

  for (const [params, privsep] of [
    [{}, '1'],
    [{ privsep: false }, '0'],
  ] as const) {
    it(`echoes privsep as text: ${JSON.stringify(params)}`, async () => {
      const answer = (await bench.send('POST /access/users/a@pve/token/t1', params)) as Row
      assert.deepEqual(Object.keys(answer).sort(), ['full-tokenid', 'info', 'value'])
      assert.equal(answer['full-tokenid'], 'a@pve!t1')
      assert.deepEqual(answer.info, { privsep })
      assert.deepEqual(await bench.send('GET /access/users/a@pve/token'), [
        { tokenid: 't1', privsep: Number(privsep), expire: 0 },
      ])
    })
  }

  it('has each token once', async () => {
    await bench.send('POST /access/users/a@pve/token/t1')
    assert.equal(await bench.refusal('POST /access/users/a@pve/token/t1'), `400 {"tokenid":"Token already exists.\\n"}`)
    await bench.send('DELETE /access/users/a@pve/token/t1')
    assert.match(await bench.refusal('GET /access/users/a@pve/token/t1'), /^500 no such token 't1'/)
  })

  for (const [userid, text] of [
    ['a@pve', "500 create user failed: user 'a@pve' already exists\n"],
    ['a@ldap', "500 domain 'ldap' does not exist\n"],
  ] as const) {
    it(`refuses ${userid}`, async () => assert.equal(await bench.refusal('POST /access/users', { userid }), text))
  }

  it('lists only itself to who may not look at others', async () => {
    const rows = (await bench.send('GET /access/users', {}, { user: 'a@pve' })) as Row[]
    assert.deepEqual(
      rows.map(({ userid }) => userid),
      ['a@pve'],
    )
  })
})
