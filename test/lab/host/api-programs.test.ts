// pvesh and its like on a lab's host.
import assert from 'node:assert/strict'
import { send } from '../lab-site.ts'
import { type LabHost, type Session, startHost } from './lab-host.ts'

describe('lab/host/api-programs', () => {
  let host: LabHost
  let session: Session
  before(async () => {
    host = await startHost()
    session = await host.connect()
  })
  after(() => host.close())

  const json = ['--output-format', 'json']
  const pvesh = async (verb: string, path: string, ...words: string[]) => {
    const { code, stdout, stderr } = await session.run(['pvesh', verb, path, ...words, ...json])
    const last = stdout.toString().trimEnd().split('\n').at(-1)
    return { code, stderr, data: last ? (JSON.parse(last) as Record<string, unknown>) : undefined }
  }

  it('makes a role, a user and a token as root', async () => {
    assert.equal((await pvesh('get', '/version')).data?.version, '9.1.4')
    assert.equal((await pvesh('create', '/access/roles', '--roleid', 'R', '--privs', 'VM.Audit,Sys.Audit')).code, 0)
    assert.equal((await pvesh('create', '/access/users', '--userid', 'o@pve', '--comment', 'a b')).code, 0)
    const { data } = await pvesh('create', '/access/users/o@pve/token/tok', '--privsep', '0', '--comment', 'x')
    assert.equal(data?.['full-tokenid'], 'o@pve!tok')
    const acl = ['--path', '/', '--roles', 'R', '--users', 'o@pve', '--propagate', '1']
    assert.deepEqual(await pvesh('set', '/access/acl', ...acl), { code: 0, stderr: '', data: undefined })
    assert.equal((await pvesh('delete', '/access/users/o@pve/token/tok')).code, 0)
  })

  const rows: [argv: string[], text: RegExp][] = [
    [['get', '/nonsense'], /^no 'get' handler for '\/nonsense'\n$/],
    [['dance', '/version'], /unknown command 'pvesh dance'/],
    [
      ['create', '/access/roles', '--roleid', 'S', '--privs', 'No.Such'],
      /^400 Parameter verification failed\.\nprivs: .*\n\npvesh create/,
    ],
    [['get', '/access/users/nobody@pve'], /^no such user \('nobody@pve'\)\n$/],
    [
      ['set', '/nodes/pve1/qemu/999/config', '--cores', '2'],
      /^Configuration file 'nodes\/pve1\/qemu-server\/999\.conf' does not exist\n$/,
    ],
  ]
  for (const [argv, text] of rows) {
    it(`says why it cannot: pvesh ${argv.slice(0, 2).join(' ')}`, async () => {
      const [verb = '', path = '', ...words] = argv
      const { code, stderr } = await pvesh(verb, path, ...words)
      assert.equal(code, 255)
      assert.match(stderr, text)
    })
  }

  it('may set what no token may, waits for tasks, and says why a start fails', async () => {
    const made = await pvesh('create', '/nodes/pve1/qemu', '--vmid', '100', '--net0', 'virtio,bridge=vmbr9')
    assert.match(String(made.data), /^UPID:pve1:.*:qmcreate:100:root@pam:$/)
    const body = new URLSearchParams({ affinity: '0-1' }).toString()
    assert.equal((await send(host.lab, '/nodes/pve1/qemu/100/config', { method: 'PUT', body })).status, 500)
    await session.text('qm', 'set', '100', '--affinity', '4-7')
    const config = await session.text('qm', 'config', '100')
    assert.match(config, /^affinity: 4-7$/m)
    const digest = /^digest: (.*)$/m.exec(config)?.[1] ?? ''
    await session.text('qm', 'set', '100', '--delete', 'affinity', '--digest', digest)
    const stale = await session.run(['qm', 'set', '100', '--affinity', '1', '--digest', digest])
    assert.deepEqual([stale.code, stale.stderr], [255, 'checksum mismatch (file change by other user?)\n'])
    const start = await session.run(['qm', 'start', '100'])
    assert.equal(start.code, 255)
    assert.match(start.stderr, /bridge 'vmbr9' does not exist/)
    assert.equal(await session.text('qm', 'status', '100'), 'status: stopped\n')
  })

  it('shows guests on their bridges', async () => {
    await session.text(
      'qm',
      'set',
      '100',
      '--net0',
      'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1',
      '--net1',
      'virtio,bridge=vmbr0',
    )
    await session.text('qm', 'start', '100')
    const links = JSON.parse(await session.text('ip', '-j', 'link', 'show', 'master', 'vmbr0')) as { ifname: string }[]
    assert.deepEqual(
      links.map(({ ifname }) => ifname),
      ['eno1', 'fwpr100p0', 'tap100i1'],
    )
  })
})
