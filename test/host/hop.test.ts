// Connections through jump hosts and proxy commands.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { HostOptions } from '../../src/host/connect.ts'
import { getHop, type Hop, type Way } from '../../src/host/hop.ts'
import { readSshConfig } from '../../src/host/ssh-config.ts'

describe('one login: the site file, then ~/.ssh/config, then ssh itself', () => {
  let dir: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-hop-'))
    await mkdir(join(dir, 'more.d'))
    await writeFile(join(dir, 'more.d', 'b.conf'), 'Host included\n  User from-b\n')
    await writeFile(join(dir, 'more.d', 'a.conf'), 'Host included\n  User from-a\n  Port 99\n')
  })
  after(async () => await rm(dir, { recursive: true, force: true }))

  async function hop(config: string, options: Partial<HostOptions> = {}): Promise<Hop> {
    const file = join(dir, 'config')
    await writeFile(file, config)
    const all: HostOptions = {
      name: 'r730',
      addresses: ['10.0.0.1'],
      config: file,
      signal: new AbortController().signal,
      ...options,
    }
    return getHop(all, await readSshConfig(file), all.addresses[0] ?? '')
  }
  const who = ({ user, host, port }: Hop) => `${user}@${host}:${port}`
  const way = (of: Way): string =>
    of.kind === 'jump' ? `${way(of.hop.way)} > ${who(of.hop)}` : of.kind === 'command' ? of.command : of.kind
  const local = userInfo().username

  const logins: readonly [title: string, config: string, options: Partial<HostOptions>, want: string][] = [
    ['nothing said', '', {}, 'root@10.0.0.1:22'],
    ['the site file', '', { user: 'admin', port: 2222 }, 'admin@10.0.0.1:2222'],
    ['by name', 'Host r730\n  User ops\n  Port 2200\n', {}, 'ops@10.0.0.1:2200'],
    ['by address', 'Host 10.0.0.*\n  User ops\n', {}, 'ops@10.0.0.1:22'],
    ['the site file goes before', 'Host r730\n  User ops\n  Port 2200\n', { user: 'admin' }, 'admin@10.0.0.1:2200'],
    ['a name in the site file is an address of its own', 'Host r730\n  HostName 9.9.9.9\n', {}, 'root@10.0.0.1:22'],
    ['HostName of an alias', 'Host box\n  HostName 9.9.9.9\n', { addresses: ['box'] }, 'root@9.9.9.9:22'],
    ['HostName with %h', 'Host box\n  HostName %h.lab\n', { addresses: ['box'] }, 'root@box.lab:22'],
    ['the first value counts', 'Host r730\n  User one\nHost *\n  User two\n  Port 7\n', {}, 'one@10.0.0.1:7'],
    ['negation', 'Host * !r730\n  User no\n', {}, 'root@10.0.0.1:22'],
    ['any case, equals signs, quotes', 'host r730\n  uSeR="the one"\n  PORT = 8\n', {}, 'the one@10.0.0.1:8'],
    ['Match', 'Match host 10.0.0.1 user ops\n  Port 44\n', { user: 'ops' }, 'ops@10.0.0.1:44'],
    ['Match exec runs nothing', 'Match exec "touch MARK"\n  Port 44\n', {}, 'root@10.0.0.1:22'],
    [
      'Include, sorted; what follows is for all',
      'Include more.d/*.conf\nPort 5\n',
      { name: 'included' },
      'from-a@10.0.0.1:99',
    ],
    ['Include ends with its file', 'Include more.d/a.conf\nPort 5\n', {}, 'root@10.0.0.1:5'],
  ]
  for (const [title, config, options, want] of logins)
    it(title, async () => {
      assert.equal(who(await hop(config, options)), want)
    })

  const ways: readonly [title: string, config: string, options: Partial<HostOptions>, want: string][] = [
    ['straight', '', {}, 'tcp'],
    [
      'a chain',
      '',
      { proxyJump: 'ops@a:2222,b,[fd00::1]:44' },
      `tcp > ops@a:2222 > ${local}@b:22 > ${local}@fd00::1:44`,
    ],
    [
      'a jump has its own settings',
      'Host j\n  HostName 9.9.9.9\n  User ops\n  Port 5\n',
      { proxyJump: 'j' },
      'tcp > ops@9.9.9.9:5',
    ],
    ['a jump of a jump', 'Host a\n ProxyJump b\nHost b\n User x\n', { proxyJump: 'ops@a' }, 'tcp > x@b:22 > ops@a:22'],
    [
      'jumps in a circle',
      'Host a\n ProxyJump b\nHost b\n ProxyJump a\n',
      { proxyJump: 'u@a' },
      `tcp > ${local}@b:22 > u@a:22`,
    ],
    ['of the configuration', 'Host *\n  ProxyJump bastion\n', {}, `tcp > ${local}@bastion:22`],
    ['none', 'Host *\n  ProxyJump bastion\n', { proxyJump: 'none' }, 'tcp'],
    ['a command', 'Host r730\n ProxyCommand nc -X "a b" %h %p %r %n %%\n', {}, 'nc -X "a b" 10.0.0.1 22 root r730 %'],
    ['a jump goes before a command', 'Host r730\n ProxyCommand x\n', { proxyJump: 'u@a' }, 'tcp > u@a:22'],
    ['via a node', 'Host *\n  ProxyJump bastion\n', { via: async () => assert.fail() }, 'via'],
    ['via, unless told otherwise', '', { via: async () => assert.fail(), proxyJump: 'none' }, 'tcp'],
  ]
  for (const [title, config, options, want] of ways)
    it(title, async () => {
      assert.equal(way((await hop(config, options)).way), want)
    })

  it('keys: named ones, else the default names; none of the operator with config ""', async () => {
    const files = ({ keys }: Hop) => keys.files.map(({ path }) => path)
    const ssh = join(homedir(), '.ssh')
    assert.deepEqual(
      files(await hop('')),
      ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(ssh, name)),
    )
    assert.deepEqual(files(await hop('', { config: '' })), [])
    const config =
      'Host r730\n  IdentityFile ~/one\n  IdentityFile "/two three/%r"\nHost *\n  IdentityFile /four\n  IdentitiesOnly yes\n'
    const named = await hop(config, { identityFile: '/site' })
    assert.deepEqual(files(named), ['/site', join(homedir(), 'one'), '/two three/root', '/four'])
    assert.equal(named.keys.onlyFiles, true)
  })

  it('agent: the option, IdentityAgent, SSH_AUTH_SOCK', async () => {
    const before = process.env.SSH_AUTH_SOCK
    process.env.SSH_AUTH_SOCK = '/sock'
    try {
      assert.equal((await hop('')).keys.agent, '/sock')
      assert.equal((await hop('IdentityAgent none\n')).keys.agent, undefined)
      assert.equal((await hop('IdentityAgent /other\n')).keys.agent, '/other')
      assert.equal((await hop('IdentityAgent /other\n', { agent: '' })).keys.agent, undefined)
    } finally {
      if (before === undefined) delete process.env.SSH_AUTH_SOCK
      else process.env.SSH_AUTH_SOCK = before
    }
  })

  it('known_hosts: the option, the configuration, the usual ones', async () => {
    assert.deepEqual((await hop('', { knownHosts: ['/k'] })).policy.files, ['/k'])
    const own = await hop('UserKnownHostsFile ~/a /b\nGlobalKnownHostsFile none\n')
    assert.deepEqual(own.policy.files, [join(homedir(), 'a'), '/b'])
    assert.equal((await hop('')).policy.files[0], join(homedir(), '.ssh', 'known_hosts'))
    assert.deepEqual((await hop('', { addresses: ['10.0.0.1', '10.9.9.9'] })).policy.alsoKnownAs, ['10.9.9.9'])
  })

  it('says which lines are not followed', async () => {
    const { ignored } = await hop('Match exec "true"\n  Port 1\nHost x\n  Include more.d/*\n')
    assert.deepEqual(
      ignored.map((line) => line.replace(/^.*config: /, '')),
      ['Match exec "true"', 'Include more.d/* (below a Host or Match line)'],
    )
  })
})
