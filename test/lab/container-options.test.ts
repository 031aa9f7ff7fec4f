import assert from 'node:assert/strict'
import { type Bench, openBench, type Row, root, rootToken } from './requests.ts'

const template = { ostemplate: 'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz', rootfs: 'local-zfs:1' }

describe('lab/container-options', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.finish('POST /nodes/n1/lxc', { vmid: 100, ...template })
  })
  afterEach(() => bench.close())

  const put = (params: Row, who = rootToken) => bench.refusal('PUT /nodes/n1/lxc/100/config', params, who)

  const rootOnly: [Row, RegExp][] = [
    [{ features: 'nesting=1,keyctl=1' }, /changing feature flags \(except nesting\)/],
    [{ mp0: '/srv,mp=/srv' }, /mount point type bind/],
    [{ mp0: '/dev/sda,mp=/srv' }, /mount point type device/],
    [{ dev0: '/dev/kvm' }, /device passthrough/],
    [{ hookscript: 'local:snippets/x' }, /hookscript/],
  ]
  for (const [change, text] of rootOnly) {
    it(`only root's ticket may set ${JSON.stringify(change)}`, async () => {
      const refusal = await put(change)
      assert.match(refusal, /^403 Permission check failed \(.* only allowed for root@pam\)/)
      assert.match(refusal, text)
      assert.match(
        await put(change, root),
        'hookscript' in change ? /^500 script 'local:snippets\/x' does not exist/ : /^no refusal$/,
      )
    })
  }

  it('leaves nesting to a token, but not on a privileged container', async () => {
    assert.equal(await put({ features: 'nesting=1' }), 'no refusal')
    await bench.finish('POST /nodes/n1/lxc', { vmid: 101, unprivileged: false, ...template })
    assert.match(
      await bench.refusal('PUT /nodes/n1/lxc/101/config', { features: 'nesting=1' }, rootToken),
      /privileged container/,
    )
  })

  it('wants the right to allocate for nesting, and the right to its options for the rest', async () => {
    const { access } = bench.world.state
    access.users['a@pve'] = { enable: true }
    access.roles.Options = ['VM.Config.Options']
    access.roles.Allocate = ['VM.Allocate']
    const put = (role: string, params: Row) => {
      access.acl = [{ path: '/vms', kind: 'user', ugid: 'a@pve', role, propagate: true }]
      return bench.refusal('PUT /nodes/n1/lxc/100/config', params, { user: 'a@pve' })
    }
    assert.match(await put('Options', { features: 'nesting=1' }), /\(\/vms\/100, VM\.Allocate\)/)
    assert.equal(await put('Allocate', { features: 'nesting=1' }), 'no refusal')
    assert.match(await put('Allocate', { onboot: true }), /\(\/vms\/100, VM\.Config\.Options\)/)
  })

  const creations: [version: string, params: Row, roles: string[], refusal: string][] = [
    ['9.1.4', { unprivileged: false }, ['Make'], '403 Permission check failed (/, Sys.Modify)\n'],
    ['9.1.4', { unprivileged: true }, ['Make'], 'no refusal'],
    ['9.1.4', {}, ['Make'], 'no refusal'],
    ['9.1.4', { unprivileged: false }, ['Make', 'Host'], 'no refusal'],
    ['8.4.14', {}, ['Make'], 'no refusal'],
    ['9.1.4', { start: true }, ['Make'], '403 Permission check failed (/vms/101, VM.PowerMgmt)\n'],
    ['9.1.4', { start: true }, ['Make', 'Power'], 'no refusal'],
  ]
  for (const [version, params, roles, refusal] of creations) {
    it(`${roles.join(' and ')} may make ${JSON.stringify(params)} on ${version}: ${refusal.trim()}`, async () => {
      const other = await openBench({ version })
      try {
        const { access } = other.world.state
        access.users['a@pve'] = { enable: true }
        const options = 'VM.Config.Options VM.Config.Disk VM.Config.Memory VM.Config.Network'.split(' ')
        access.roles.Make = ['VM.Allocate', 'Datastore.AllocateSpace', ...options]
        Object.assign(access.roles, { Host: ['Sys.Modify'], Power: ['VM.PowerMgmt'] })
        access.acl = roles.map((role) => ({ path: '/', kind: 'user', ugid: 'a@pve', role, propagate: true }))
        const request = { vmid: 101, ...template, ...params }
        assert.equal(await other.refusal('POST /nodes/n1/lxc', request, { user: 'a@pve' }), refusal)
      } finally {
        await other.close()
      }
    })
  }

  for (const [change, live] of [
    [{ memory: 1024 }, true],
    [{ cores: 2 }, true],
    [{ hostname: 'b' }, true],
    [{ mp1: 'local-zfs:1,mp=/data' }, true],
    [{ net0: 'name=eth0,bridge=vmbr0' }, true],
    [{ nameserver: ['10.0.0.1', '10.0.0.2'] }, false],
    [{ features: 'nesting=1' }, false],
  ] as const) {
    it(`a running container ${live ? 'takes' : 'lets wait'} ${JSON.stringify(change)}`, async () => {
      await bench.finish('POST /nodes/n1/lxc/100/status/start')
      assert.equal(await put(change), 'no refusal')
      const rows = (await bench.send('GET /nodes/n1/lxc/100/pending')) as Row[]
      const row = rows.find(({ key }) => key === Object.keys(change)[0])
      assert.equal(row !== undefined && 'pending' in row, !live)
    })
  }

  it('does not lose its root', async () => {
    assert.match(await put({ delete: 'rootfs' }), /^400 .*unable to delete required option 'rootfs'/)
    assert.match(await put({ unprivileged: false }), /^400 /)
  })

  it('says no to a digest of before, in the words of containers', async () => {
    assert.match(await put({ cores: 1, digest: 'ff' }), /^500 detected modified configuration/)
  })
})
