// Clients that have never heard of orion work on the lab as on a real Proxmox VE: curl, python3-proxmoxer, ansible.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { needs, PYTHON } from '../setup.ts'
import { type Ended, run } from './program.ts'
import { NODE, type Rehearsal, startRehearsal, TEMPLATE } from './rehearsal.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** A template of the appliance index that is not on the node yet. */
const DOWNLOADED = 'local:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst'

/** What a client is told: where, who, and which certificate to trust. */
function environment({ access, ca }: Rehearsal): Record<string, string> {
  return {
    LAB_HOST: access.host,
    LAB_PORT: String(access.port),
    LAB_TOKEN_ID: access.token.id,
    LAB_TOKEN_SECRET: access.token.secret,
    LAB_CA: ca,
    LAB_NODE: NODE,
    LAB_TEMPLATE: TEMPLATE,
    REQUESTS_CA_BUNDLE: ca,
  }
}

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

describe('python3-proxmoxer', function () {
  this.timeout(120_000)
  let lab: Rehearsal
  before(async function () {
    await needs(this, ['proxmoxer'])
    lab = await startRehearsal()
  })
  after(() => lab?.close())

  interface Refusal {
    readonly status: number
    readonly text: string
  }
  // Untyped on purpose: this is what another program printed.
  type Seen = Record<string, string & Refusal & Record<string, unknown>>

  async function day(extra: Record<string, string> = {}): Promise<Seen> {
    const { code, stdout, stderr } = await run(PYTHON, [here('guests.py')], {
      env: { ...environment(lab), ...extra },
    })
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  const logins: [string, () => Record<string, string>][] = [
    ['by token', () => ({})],
    ['by password', () => ({ LAB_PASSWORD: lab.access.rootPassword })],
  ]
  for (const [title, extra] of logins) {
    it(`makes, changes, starts and deletes guests ${title}`, async () => {
      const seen = await day(extra())
      const tasks = ['create', 'resize', 'start', 'stop', 'delete'].map((task) => seen[`vm ${task}`])
      assert.deepEqual(tasks, ['OK', 'OK', 'OK', 'OK', 'OK'])
      assert.deepEqual(
        ['create', 'start', 'stop', 'delete'].map((task) => seen[`ct ${task}`]),
        ['OK', 'OK', 'OK', 'OK'],
      )
      assert.equal(seen['vm null'], null)
      assert.equal(seen['vm config']?.memory, '2048')
      assert.equal(String(seen['vm config']?.description).trim(), 'made by a snake: ä & ö')
      assert.match(String(seen['vm config']?.scsi0), /^local-zfs:vm-901-disk-0,size=8G$/)
      assert.equal(seen['vm running']?.status, 'running')
      assert.equal((seen['vm listed'] as unknown as unknown[]).length, 1)
      assert.equal(seen['ct config']?.memory, 512)
      assert.equal(seen['ct running'], 'running')
      assert.match(String(seen['ct no template']), /none\.tar\.zst/)
    })

    it(`is refused as by a real one ${title}`, async () => {
      const seen = await day(extra())
      assert.equal(seen['vm again']?.status, 500)
      assert.match(seen['vm again']?.text ?? '', /VM 901 already exists on node/)
      assert.equal(seen['vm delete running']?.status, 500)
      assert.match(seen['vm delete running']?.text ?? '', /VM 901 is running/)
      assert.equal(seen['vm gone']?.status, 500)
      assert.match(seen['vm gone']?.text ?? '', /does not exist/)
      assert.equal(seen['unknown parameter']?.status, 400)
      // proxmoxer 1.2 does not pass the errors per parameter on.
      assert.match(seen['unknown parameter']?.text ?? '', /^Parameter verification failed/)
      assert.equal(seen['wrong values']?.status, 400)
      assert.equal(seen['unknown node']?.status, 500)
      assert.equal(seen['unknown path']?.status, 501)
      assert.equal(seen['missing pool']?.status, 500)
    })
  }
})

describe('ansible with community.general', function () {
  this.timeout(180_000)
  let lab: Rehearsal
  before(async function () {
    await needs(this, ['ansible'])
    lab = await startRehearsal()
  })
  after(() => lab?.close())

  /** `ok=8 changed=7 …` of the recap, as numbers. */
  function recap({ code, stdout, stderr }: Ended): Record<string, number> {
    assert.equal(code, 0, stdout + stderr)
    const line = /^localhost\s+: (.+)$/m.exec(stdout)?.[1] ?? ''
    return Object.fromEntries(Array.from(line.matchAll(/(\w+)=(\d+)/g), ([, name, count]) => [name, Number(count)]))
  }

  const play = () =>
    run('/usr/bin/ansible-playbook', ['--inventory', 'localhost,', here('playbook.yaml')], {
      env: {
        ...environment(lab),
        LAB_TEMPLATE: DOWNLOADED,
        ANSIBLE_LOCALHOST_WARNING: 'False',
        ANSIBLE_HOME: lab.dir,
        ANSIBLE_LOCAL_TEMP: lab.dir,
      },
      limitMs: 170_000,
    })

  it('makes everything, and changes nothing the second time', async () => {
    const first = recap(await play())
    assert.deepEqual([first.failed, first.unreachable, first.changed], [0, 0, first.ok])
    const vm = (await lab.get(`/nodes/${NODE}/qemu/911/config`)) as Record<string, unknown>
    assert.deepEqual([vm.name, vm.cores, vm.balloon, vm.onboot, vm.ciuser], ['spider', 2, 512, 1, 'admin'])
    assert.equal(vm.net0, 'virtio=BC:24:11:00:09:11,bridge=vmbr0,firewall=1')
    assert.equal(vm.net1, 'virtio=BC:24:11:00:09:12,bridge=vmbr1')
    assert.match(String(vm.scsi1), /^local-zfs:vm-911-disk-\d,size=4G$/)
    assert.match(decodeURIComponent(String(vm.sshkeys)), /^ssh-ed25519 \S+ nobody@nowhere$/)
    assert.deepEqual(String(vm.tags).split(';').sort(), ['ansible', 'web'])
    const ct = (await lab.get(`/nodes/${NODE}/lxc/912/config`)) as Record<string, unknown>
    assert.deepEqual([ct.hostname, ct.memory, ct.unprivileged, ct.features], ['beetle', 512, 1, 'nesting=1'])
    const guests = (await lab.get('/cluster/resources?type=vm')) as { vmid: number; status: string }[]
    const running = guests.filter(({ status }) => status === 'running').map(({ vmid }) => vmid)
    assert.deepEqual(running.sort(), [911, 912])
    const second = recap(await play())
    assert.deepEqual([second.failed, second.changed, second.ok], [0, 0, first.ok])
  })
})
