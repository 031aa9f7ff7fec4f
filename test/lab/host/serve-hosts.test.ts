// A host as its operator meets it: the keys, the cable, the faults, and what stays between two processes.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import { serveLab } from '../../../src/lab/serve.ts'
import { skip } from '../../setup.ts'
import { begin, states } from './guard-client.ts'
import { connectTo, type LabHost, type Session, startHost } from './lab-host.ts'

const FILE = '/etc/network/interfaces'
const run = promisify(execFile)

describe('lab/host/serve-hosts', () => {
  let host: LabHost
  beforeEach(async () => {
    host = await startHost()
  })
  afterEach(() => host.close())

  it('lets in root with the key of the lab, and nobody else', async () => {
    const session = await host.connect()
    assert.equal(await session.text('hostname'), 'pve1\n')
    assert.match(await session.text('printenv', 'SSH_CONNECTION'), /^192\.0\.2\.250 \d+ 192\.0\.2\.10 22\n$/)
    const other = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    for (const wrong of [
      { username: 'admin' },
      { privateKey: other.private },
      { password: 'x', privateKey: undefined },
    ]) {
      await assert.rejects(connectTo(host.lab, wrong as ssh2.ConnectConfig), /authentication methods failed/)
    }
  })

  it('keeps keys and ports for the next process, for nobody else to read', async () => {
    const { hosts, identityFile, knownHosts } = host.lab.access
    const before = await Promise.all([identityFile, knownHosts].map((file) => readFile(file, 'utf8')))
    assert.equal((await stat(identityFile)).mode & 0o777, 0o600)
    await host.restart()
    assert.deepEqual(host.lab.access.hosts, hosts)
    assert.deepEqual(await Promise.all([identityFile, knownHosts].map((file) => readFile(file, 'utf8'))), before)
  })

  it("answers the system's own ssh, which knows the host key", async function () {
    if (spawnSync('ssh', ['-V']).error) skip(this, 'ssh is not installed')
    const { hosts, identityFile, knownHosts } = host.lab.access
    const options = [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile=${knownHosts}`,
    ]
    const args = [
      '-F',
      '/dev/null',
      '-i',
      identityFile,
      '-p',
      String(hosts.pve1?.port),
      ...options.flatMap((one) => ['-o', one]),
    ]
    const { stdout } = await run('ssh', [...args, 'root@127.0.0.1', 'cat', '/etc/hostname'])
    assert.equal(stdout, 'pve1\n')
    await assert.rejects(run('ssh', [...args, 'root@127.0.0.1', 'frobnicate']), { code: 127 })
  })

  it('opens ten sessions over one connection, and no more', async () => {
    host.lab.hostFaults.add({ match: { command: '^true$', times: 0 }, action: { delay: 1000 } })
    const session = await host.connect()
    const all = Array.from({ length: 12 }, () =>
      session.run(['true']).then(
        () => 'ran',
        () => 'refused',
      ),
    )
    assert.deepEqual((await Promise.all(all)).sort(), [...Array(10).fill('ran'), ...Array(2).fill('refused')])
  })

  it('cannot be reached once its address is gone, until the guard has put it back', async () => {
    const session = await host.connect()
    const text = (await session.text('cat', FILE)).replace('bridge-ports eno1', 'bridge-ports eno2')
    await begin(session, 'a-1', { files: { [FILE]: text }, activate: [['ifreload', '-a']], window: 3 })
    await session.closed
    await assert.rejects(host.connect())
    let again: Session | undefined
    while (!again) again = await host.connect().catch(() => sleep(50, undefined))
    assert.deepEqual(await states(again), ['a-1 restored not confirmed'])
    assert.match(await again.text('cat', FILE), /bridge-ports eno1/)
  })

  it('loses connections before and after a command', async () => {
    const { hostFaults } = host.lab
    hostFaults.add({ match: { host: 'pve1', command: '^sysctl -w' }, action: 'drop-before' })
    const first = await host.connect()
    await assert.rejects(first.run(['timeout', '-k', '5', '10', 'sysctl', '-w', 'vm.swappiness=1']), /broke/)
    const second = await host.connect()
    assert.equal(await second.text('sysctl', '-n', 'vm.swappiness'), '60\n')
    hostFaults.add({ match: { command: '^sysctl -w' }, action: 'drop-after' })
    await assert.rejects(second.run(['sysctl', '-w', 'vm.swappiness=1']), /broke/)
    assert.equal(await (await host.connect()).text('sysctl', '-n', 'vm.swappiness'), '1\n')
  })

  it('is slow, fails and is not there on demand', async () => {
    const { hostFaults } = host.lab
    const session = await host.connect()
    hostFaults.add({ match: { command: '^cat' }, action: { delay: 500 } })
    assert.equal((await session.run(['timeout', '-k', '5', '0.05', 'cat', '/etc/hostname'])).code, 124)
    hostFaults.add({ match: { command: '^ifreload -a -s' }, action: { code: 1, stderr: 'error: no\n' } })
    const { code, stderr } = await session.run(['ifreload', '-a', '-s'])
    assert.deepEqual([code, stderr], [1, 'error: no\n'])
    hostFaults.add({ match: { host: 'pve1' }, action: 'unreachable' })
    await session.closed
    await assert.rejects(host.connect())
    hostFaults.clear()
    await host.connect()
  })

  it('counts as activity, and keeps the lab while a change is armed', async () => {
    await host.lab.close()
    host.lab = await serveLab({ dir: host.dir, pace: 0, idleSeconds: 0.4 })
    const session = await host.connect()
    await begin(session, 'a-1', { files: { '/etc/a': 'x' }, window: 3 })
    await sleep(1000)
    assert.equal(await session.text('cat', '/etc/a'), 'x')
    await host.lab.closed
  })
})
