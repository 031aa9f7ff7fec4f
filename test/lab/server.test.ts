// What the lab answers over HTTPS: as a real node was observed to answer.
import assert from 'node:assert/strict'
import type { Lab } from '../../src/lab/serve.ts'
import type { RequestRecord } from '../../src/lab/server.ts'
import { form, newFolder, type Reply, removeFolder, type Sent, send, startLab } from './lab-site.ts'

describe('server', () => {
  let dir: string
  let lab: Lab
  const records: RequestRecord[] = []

  before(async () => {
    dir = await newFolder()
    lab = await startLab(dir, '9.1.4', (entry) => records.push(entry))
  })
  after(async () => {
    await lab.close()
    await removeFolder(dir)
  })
  afterEach(() => {
    lab.faults.small?.clear()
    records.length = 0
  })

  const json = 'application/json;charset=UTF-8'
  const rows: readonly [string, string, Sent, Partial<Reply>][] = [
    ['data', '/nodes/pve1/qemu', {}, { status: 200, reason: 'OK', type: json, text: '{"data":[]}' }],
    ['unknown path', '/nope', {}, { status: 501, reason: "Method 'GET /nope' not implemented" }],
    ['unknown method', '/version', { method: 'PUT' }, { status: 501, reason: "Method 'PUT /version' not implemented" }],
    [
      'unknown node',
      '/nodes/ghost/qemu',
      {},
      {
        status: 500,
        reason: "hostname lookup 'ghost' failed - failed to get address info for: ghost: Name or service not known",
      },
    ],
    [
      'localhost, the node that is asked',
      '/nodes/localhost/qemu/100/config',
      {},
      { reason: "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist" },
    ],
    [
      'an error inside an error',
      '/cluster/backup/none',
      {},
      {
        status: 500,
        reason: '400 Parameter verification failed.',
        text: '{"data":null,"message":"400 Parameter verification failed.\\nid: No such job\\n"}',
      },
    ],
    ['no ticket', '/nodes', { anonymous: true }, { status: 401, reason: 'No ticket', text: '' }],
    ['no ticket, unknown path', '/nope', { anonymous: true }, { status: 401, reason: 'No ticket', text: '' }],
    ['open to the world', '/access/domains', { anonymous: true }, { status: 200 }],
    [
      'wrong token secret',
      '/nodes',
      { headers: { authorization: 'PVEAPIToken=root@pam!lab=x' } },
      { status: 401, reason: 'invalid token value!', text: '' },
    ],
    [
      'unknown token',
      '/nodes',
      { headers: { authorization: 'PVEAPIToken=root@pam!x=x' } },
      { status: 401, reason: "no such token 'x' for user 'root@pam'", text: '' },
    ],
    [
      'unknown user',
      '/nodes',
      { headers: { authorization: 'PVEAPIToken=a@b!x=x' } },
      { status: 401, reason: "no such user ('a@b')", text: '' },
    ],
    [
      'bad ticket',
      '/nodes',
      { anonymous: true, headers: { cookie: 'PVEAuthCookie=PVE:root@pam:00000000::AAAA' } },
      { status: 401, reason: 'permission denied - invalid PVE ticket', text: '' },
    ],
    [
      'ticket that is no text',
      '/nodes',
      { anonymous: true, headers: { cookie: 'PVEAuthCookie=%' } },
      { status: 401, reason: 'permission denied - invalid PVE ticket' },
    ],
    [
      'broken JSON',
      '/pools',
      { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
      { status: 500, type: 'text/plain' },
    ],
    [
      'unknown content type',
      '/pools',
      { method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } },
      { status: 506, type: 'text/plain' },
    ],
    [
      'DELETE with a body',
      '/pools',
      { method: 'DELETE', body: 'poolid=a' },
      { status: 501, text: "Unexpected content for method 'DELETE'" },
    ],
    [
      'too large',
      '/pools',
      { method: 'POST', body: `comment=${'x'.repeat(600_000)}` },
      { status: 501, text: 'for data too large' },
    ],
    ['wrong format of reply', '/version', { base: '/api2/xml' }, { status: 501 }],
    ['not the API at all', '/', { base: '' }, { status: 501 }],
    [
      'twice with two values',
      '/nodes/pve1/qemu?node=pve2',
      {},
      { status: 400, reason: 'Parameter verification failed.' },
    ],
    ['twice with one value', '/nodes/pve1/qemu?node=pve1&_dc=1', {}, { status: 200 }],
    [
      'a token where a ticket belongs',
      '/access/ticket',
      form({ username: 'root@pam', password: 'x' }),
      {
        status: 403,
        reason: "Permission check failed (URI '/access/ticket' not available with API token, need proper ticket.",
      },
    ],
    [
      'wrong password',
      '/access/ticket',
      { ...form({ username: 'root@pam', password: 'x' }), anonymous: true },
      { status: 401, reason: 'authentication failure' },
    ],
  ]
  for (const [title, path, sent, expected] of rows) {
    it(title, async () => {
      const reply = await send(lab, path, sent)
      for (const [key, value] of Object.entries(expected)) assert.equal(reply[key as keyof Reply], value, reply.text)
    })
  }

  it('answers mistakes in parameters with the whole envelope, and extjs with 200', async () => {
    const errors = { vmid: "type check ('integer') failed - got 'x'\n" }
    const reply = await send(lab, '/nodes/pve1/qemu', form({ vmid: 'x' }))
    assert.deepEqual(reply.json, { data: null, message: 'Parameter verification failed.\n', errors })
    const extjs = await send(lab, '/nodes/pve1/qemu', { ...form({ vmid: 'x' }), base: '/api2/extjs' })
    const { success, status } = extjs.json
    assert.deepEqual([extjs.status, success, status, extjs.json.errors], [200, 0, '400', errors])
  })

  it('takes JSON like a form', async () => {
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const { status } = await send(lab, '/pools', {
      ...sent,
      body: JSON.stringify({ poolid: 'json', comment: 'a+b c' }),
    })
    assert.equal(status, 200)
    assert.match((await send(lab, '/pools')).text, /a\+b c/)
  })

  it('gives a ticket for the password, and takes writes only with its CSRF token', async () => {
    const { rootPassword: password = '' } = lab.access.clusters.small ?? {}
    const login = await send(lab, '/access/ticket', {
      ...form({ username: 'root', realm: 'pam', password }),
      anonymous: true,
    })
    const { ticket, CSRFPreventionToken: csrf, username } = login.json.data as Record<string, string>
    assert.equal(username, 'root@pam')
    assert.match(ticket ?? '', /^PVE:root@pam:[0-9A-F]{8}::[A-Za-z0-9+/=]+$/)
    const headers = { cookie: `a=b; PVEAuthCookie=${encodeURIComponent(ticket ?? '')}` }
    assert.equal((await send(lab, '/nodes', { anonymous: true, headers })).status, 200)
    const write = { ...form({ poolid: 'csrf' }), anonymous: true }
    const without = await send(lab, '/pools', { ...write, headers })
    assert.deepEqual([without.status, without.reason], [401, 'Permission denied - invalid csrf token'])
    const right = await send(lab, '/pools', { ...write, headers: { ...headers, csrfpreventiontoken: csrf ?? '' } })
    assert.equal(right.status, 200)
    const stale = { cookie: 'PVEAuthCookie=PVE:root@pam:00000000::AAAA' }
    assert.equal(
      (
        await send(lab, '/access/ticket', {
          ...form({ username: 'root@pam', password }),
          anonymous: true,
          headers: stale,
        })
      ).status,
      200,
    )
    const again = form({ username: 'root@pam', password: ticket ?? '' })
    assert.equal((await send(lab, '/access/ticket', { ...again, anonymous: true })).status, 200)
  })

  it('holds a token to its rights', async () => {
    await send(lab, '/access/users', form({ userid: 'a@pve' }))
    const made = await send(lab, '/access/users/a@pve/token/one', form({ privsep: '0' }))
    const { value } = made.json.data as { value: string }
    const headers = { authorization: `PVEAPIToken=a@pve!one=${value}` }
    const path = '/nodes/pve1/status'
    const refused = await send(lab, path, { anonymous: true, headers })
    assert.deepEqual(
      [refused.status, refused.json.message],
      [403, 'Permission check failed (/nodes/pve1, Sys.Audit)\n'],
    )
    await send(lab, '/access/acl', form({ path: '/', roles: 'PVEAuditor', users: 'a@pve' }, 'PUT'))
    assert.equal((await send(lab, path, { anonymous: true, headers })).status, 200)
  })

  it('loses the connection before a write took effect, or after it', async () => {
    const faults = lab.faults.small
    faults?.add({ match: { method: 'POST', template: '^/pools$' }, action: 'drop-before' })
    await assert.rejects(send(lab, '/pools', form({ poolid: 'before' })), { code: 'ECONNRESET' })
    faults?.add({ match: { method: 'POST', template: '^/pools$' }, action: 'drop-after' })
    await assert.rejects(send(lab, '/pools', form({ poolid: 'after' })), { code: 'ECONNRESET' })
    const { text } = await send(lab, '/pools')
    assert.deepEqual([text.includes('before'), text.includes('after')], [false, true])
  })

  it('answers with errors on demand, for the matches asked for', async () => {
    lab.faults.small?.add(
      { match: { template: '^/version$', nth: 2, times: 2 }, action: { status: 596, message: 'Broken pipe' } },
      { match: { template: '/config$', times: 0 }, action: 'lock-timeout' },
    )
    const seen = []
    for (let round = 0; round < 4; round++) seen.push((await send(lab, '/version')).status)
    assert.deepEqual(seen, [200, 596, 596, 200])
    const locked = await send(lab, '/nodes/pve1/qemu/100/config', form({ cores: '2' }, 'PUT'))
    assert.equal(locked.reason, "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout")
  })

  it('shows what was asked, and no secret', async () => {
    await send(lab, '/nodes/pve1/qemu', form({ vmid: '500', cipassword: 'hush' }))
    const [entry] = records
    assert.deepEqual([entry?.method, entry?.template, entry?.ids], ['POST', '/nodes/{node}/qemu', { node: 'pve1' }])
    assert.deepEqual(entry?.params, { vmid: '500', cipassword: '***' })
  })

  it('shows beside the data what waits to be applied to the network', async () => {
    await send(lab, '/nodes/pve1/network', form({ iface: 'vmbr7', type: 'bridge' }))
    const { text } = await send(lab, '/nodes/pve1/network')
    const { data, changes } = JSON.parse(text) as { data: unknown[]; changes: string }
    assert.equal(data.length, 2)
    assert.match(changes, /^--- \/etc\/network\/interfaces\n\+\+\+ .*\n@@ .*\n\+iface vmbr7 inet manual\n/)
    await send(lab, '/nodes/pve1/network', { method: 'DELETE' })
    assert.equal((await send(lab, '/nodes/pve1/network')).text.includes('changes'), false)
  })
})
