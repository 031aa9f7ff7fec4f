// A user who is not root: programs and files by sudo.
import assert from 'node:assert/strict'
import { connectHost } from '../../src/host/connect.ts'
import type { Host } from '../../src/host/host.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'

const RULES = '/etc/sudoers.d/ops'

describe('a user who is not root, with real sudo', () => {
  let machine: TestHost
  let host: Host
  before(async function () {
    await withHosts(this)
    machine = await startHost({ name: 'alpha' })
    await machine.must(['useradd', '-m', '-p', '*', '-s', '/bin/bash', 'ops'])
    await machine.must(['cp', '-r', '/root/.ssh', '/home/ops/'])
    await machine.must(['chown', '-R', 'ops:', '/home/ops/.ssh'])
  })
  after(() => machine?.stop())
  beforeEach(() => {
    const { address, identityFile, knownHosts, proxyCommand } = machine
    const { signal } = new AbortController()
    const known = { identityFile, knownHosts: [knownHosts], proxyCommand, config: '', agent: '' }
    host = connectHost({ name: 'alpha', addresses: [address], user: 'ops', signal, ...known })
  })
  afterEach(async () => await host?.close())

  const refusals: readonly [title: string, rules: string, said: RegExp][] = [
    ['no rule for the user', '# none', /sudo refuses/],
    ['a password is needed', 'ops ALL=(ALL:ALL) ALL', /password is required/],
    ['other programs only', 'ops ALL=(root) NOPASSWD: /usr/bin/true', /sudo/],
  ]
  for (const [title, rules, said] of refusals)
    it(title, async () => {
      await machine.must(['tee', RULES], { input: `${rules}\n` })
      const refused = { code: 'E_HOST_SUDO', message: said }
      await assert.rejects(host.run(['id', '-u']), refused)
      await assert.rejects(host.run(['test', '-e', '/none'], { accept: [0, 1] }), refused)
      await assert.rejects(host.read({ files: ['/etc/hosts'] }), refused)
      await assert.rejects(host.write([{ path: '/etc/ops', text: '' }]), refused)
    })

  it('allowed: runs, reads and writes as root, and a failure is the own one of the program', async () => {
    await machine.must(['tee', RULES], { input: 'ops ALL=(ALL:ALL) NOPASSWD: ALL\n' })
    await assert.rejects(host.run(['sh', '-c', 'exit 1']), { code: 'E_HOST_COMMAND' })
    assert.equal((await host.run(['id', '-u'])).stdout, '0\n')
    assert.equal((await host.read({ files: ['/etc/shadow'] })).files.get('/etc/shadow')?.kind, 'file')
    await host.write([{ path: '/etc/ops', text: 'x', mode: 0o600 }])
    assert.equal(await machine.must(['stat', '-c', '%U %a', '/etc/ops']), 'root 600\n')
    assert.match((await host.ends()).client, /^10\.77\./)
  })
})
