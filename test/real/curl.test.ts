// curl has never heard of orion, and works on the lab as on a real Proxmox VE: tickets, tokens, forms, JSON, every refusal.
import assert from 'node:assert/strict'
import { needs } from '../setup.ts'
import { run } from './program.ts'
import { NODE, type Rehearsal, startRehearsal } from './rehearsal.ts'

describe('curl', function () {
  this.timeout(60_000)
  let lab: Rehearsal
  before(async function () {
    await needs(this, ['curl'])
    lab = await startRehearsal()
  })
  after(() => lab?.close())

  interface Answer {
    readonly status: number
    readonly reason: string
    readonly type: string
    readonly body: string
    readonly json: { data: never; message?: string; errors?: Record<string, string> }
  }

  async function curl(path: string, ...args: string[]): Promise<Answer> {
    const url = `https://${lab.access.host}:${lab.access.port}/api2/json${path}`
    const argv = [
      '--silent',
      '--show-error',
      '--max-time',
      '20',
      '--cacert',
      lab.ca,
      '--dump-header',
      '-',
      ...args,
      url,
    ]
    const { code, stdout, stderr } = await run('curl', argv)
    assert.equal(code, 0, stderr)
    const blank = stdout.indexOf('\r\n\r\n')
    const [first = '', ...headers] = stdout.slice(0, blank).split('\r\n')
    const body = stdout.slice(blank + 4)
    const [, status = '', reason = ''] = /^HTTP\/1\.[01] (\d+) ?(.*)$/.exec(first) ?? []
    const type = headers.find((line) => /^content-type:/i.test(line))?.replace(/^[^:]+:\s*/, '') ?? ''
    return { status: Number(status), reason, type, body, json: body.startsWith('{') ? JSON.parse(body) : {} }
  }

  const token = () => ['--header', `Authorization: PVEAPIToken=${lab.access.token.id}=${lab.access.token.secret}`]

  /** Logs in by password; answers the headers of a ticket, with and without its CSRF token. */
  async function login(): Promise<{ cookie: string[]; csrf: string[] }> {
    const password = `password=${lab.access.rootPassword}`
    const { status, json } = await curl(
      '/access/ticket',
      '--data-urlencode',
      'username=root@pam',
      '--data-urlencode',
      password,
    )
    assert.equal(status, 200)
    const { ticket, CSRFPreventionToken } = json.data as { ticket: string; CSRFPreventionToken: string }
    assert.match(ticket, /^PVE:root@pam:[0-9A-F]{8}::/)
    return {
      cookie: ['--header', `Cookie: PVEAuthCookie=${encodeURIComponent(ticket)}`],
      csrf: ['--header', `CSRFPreventionToken: ${CSRFPreventionToken}`],
    }
  }

  it('is refused by a certificate that it does not know', async () => {
    const { code } = await run('curl', ['--silent', `https://${lab.access.host}:${lab.access.port}/api2/json/version`])
    assert.equal(code, 60)
  })

  it('reads with a token', async () => {
    const { status, type, json } = await curl('/version', ...token())
    assert.equal(status, 200)
    assert.equal(type, 'application/json;charset=UTF-8')
    assert.match((json.data as { version: string }).version, /^9\./)
  })

  it('is refused without a body where it is nobody, or somebody else', async () => {
    const wrong = ['--header', `Authorization: PVEAPIToken=${lab.access.token.id}=00000000-0000-4000-8000-000000000000`]
    for (const headers of [[], wrong]) {
      const { status, reason, body } = await curl('/version', ...headers)
      assert.equal(status, 401)
      assert.notEqual(reason, '')
      assert.equal(body, '')
    }
  })

  it('writes with a form body by ticket, but not without the CSRF token', async () => {
    const { cookie, csrf } = await login()
    const pool = ['--data', 'poolid=forms', '--data-urlencode', 'comment=a & b']
    const refused = await curl('/pools', ...cookie, ...pool)
    assert.equal(refused.status, 401)
    assert.match(refused.reason, /csrf/i)
    assert.equal((await curl('/pools', ...cookie, ...csrf, ...pool)).status, 200)
    const { json } = await curl('/pools/forms', ...cookie)
    assert.equal((json.data as { comment: string }).comment, 'a & b')
  })

  it('writes with a JSON body by token', async () => {
    const body = JSON.stringify({
      vmid: 921,
      name: 'curly',
      cores: 3,
      memory: 1024,
      onboot: true,
      net0: 'virtio,bridge=vmbr0',
    })
    const make = await curl(
      `/nodes/${NODE}/qemu`,
      ...token(),
      '--header',
      'Content-Type: application/json',
      '--data',
      body,
    )
    assert.equal(make.status, 200, make.body)
    assert.match(
      make.json.data,
      new RegExp(`^UPID:${NODE}:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:qmcreate:921:root@pam!`),
    )
    const status = `/nodes/${NODE}/tasks/${encodeURIComponent(make.json.data)}/status`
    let task: { status: string; exitstatus?: string }
    do task = (await curl(status, ...token())).json.data
    while (task.status === 'running')
    assert.equal(task.exitstatus, 'OK')
    const config = (await curl(`/nodes/${NODE}/qemu/921/config`, ...token())).json.data as Record<string, unknown>
    assert.deepEqual([config.name, config.cores, config.memory, config.onboot], ['curly', 3, '1024', 1])
    assert.match(String(config.net0), /^virtio=([0-9A-F]{2}:){5}[0-9A-F]{2},bridge=vmbr0$/)
  })

  it('is told what is wrong with each parameter', async () => {
    const { status, json } = await curl(`/nodes/${NODE}/qemu`, ...token(), '--data', 'vmid=7&onboot=yes&colour=red')
    assert.equal(status, 400)
    assert.equal(json.message, 'Parameter verification failed.\n')
    assert.deepEqual(Object.keys(json.errors ?? {}).sort(), ['colour', 'onboot', 'vmid'])
  })

  const refusals: [string, string, string[], number][] = [
    ['an unknown path', '/teapot', [], 501],
    ['an unknown method', '/version', ['--request', 'PUT'], 501],
    ['a DELETE with a body', '/pools/forms', ['--request', 'DELETE', '--data', 'a=b'], 501],
    ['broken JSON', '/pools', ['--header', 'Content-Type: application/json', '--data', '{"poolid":'], 500],
    ['another content type', '/pools', ['--header', 'Content-Type: text/xml', '--data', '<a/>'], 506],
    ['a guest that is not there', `/nodes/${NODE}/qemu/999/config`, [], 500],
  ]
  for (const [title, path, args, expected] of refusals) {
    it(`is refused ${title}`, async () => assert.equal((await curl(path, ...token(), ...args)).status, expected))
  }
})
