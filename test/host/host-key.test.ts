// Host keys over real connections: what is trusted, refused and remembered.
import assert from 'node:assert/strict'
import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OrionError } from '../../src/errors.ts'
import type { HostOptions, UnknownKey } from '../../src/host/connect.ts'
import { keygen, makeKey, needsSshd, type Sshd, startSshd } from './sshd.ts'

describe('host keys', () => {
  let sshd: Sshd
  before(async function () {
    await needsSshd(this)
    sshd = await startSshd({ keys: ['ed25519', 'rsa', 'ecdsa'] })
    await mkdir(join(sshd.dir, 'known'))
  })
  after(async () => await sshd?.stop())

  const publicKey = async (name: string) =>
    (await readFile(join(sshd.dir, `${name}.pub`), 'utf8')).split(' ').slice(0, 2).join(' ')

  /** Tries a login with this as known_hosts; the error, or undefined. */
  async function attempt(known: string, more: Partial<HostOptions> = {}): Promise<OrionError | undefined> {
    const file = join(sshd.dir, 'known', String(Math.random()))
    await writeFile(file, known)
    const host = sshd.host({ knownHosts: [file], ...more })
    try {
      await host.ends()
      return undefined
    } catch (error) {
      assert.ok(error instanceof OrionError, String(error))
      return error
    } finally {
      await host.close()
    }
  }
  const here = () => `[127.0.0.1]:${sshd.port}`
  const suggestions = (error: OrionError | undefined) => error?.suggestions.join('\n') ?? ''

  for (const type of ['ed25519', 'rsa', 'ecdsa'])
    it(`a known ${type} key is enough, whatever else the server has`, async () => {
      assert.equal(await attempt(`${here()} ${await publicKey(`host_${type}`)}\n`), undefined)
    })

  it('an unknown key is refused, with its fingerprint and what to do', async () => {
    const error = await attempt('')
    const shown = await keygen('-lf', join(sshd.dir, 'host_ed25519.pub'))
    assert.equal(error?.code, 'E_HOST_KEY')
    assert.ok(error.message.includes(shown.split(' ')[1] ?? '?'), error.message)
    assert.match(error.message, /ssh-ed25519/)
    assert.match(suggestions(error), /console of r730: ssh-keygen -lf \/etc\/ssh\/ssh_host_ed25519_key\.pub/)
    assert.match(suggestions(error), new RegExp(`ssh -p ${sshd.port} \\S+@127\\.0\\.0\\.1 once`))
  })

  it('an unknown key of a guest: where its console is, and the way through its node', async () => {
    const advice = { console: 'the console of router (on r730: qm terminal 200)', jump: 'root@192.0.2.1' }
    const error = await attempt('', { advice })
    assert.equal(error?.code, 'E_HOST_KEY')
    assert.match(suggestions(error), /compare it on the console of router \(on r730: qm terminal 200\): ssh-keygen -lf/)
    assert.match(
      suggestions(error),
      new RegExp(`ssh -J root@192\\.0\\.2\\.1 -p ${sshd.port} \\S+@127\\.0\\.0\\.1 once`),
    )
  })

  it('a changed key is refused, with the line of the known one, and nobody is asked', async () => {
    await makeKey(join(sshd.dir, 'other'), 'ed25519')
    let asked = 0
    const trust = async () => {
      asked += 1
      return true
    }
    const error = await attempt(`# first\n${here()} ${await publicKey('other')}\n`, { trust })
    assert.equal(error?.code, 'E_HOST_KEY')
    assert.match(error.message, /another key than the known one/)
    assert.match(suggestions(error), /known: ssh-ed25519 SHA256:\S+ \(\S+:2\)/)
    assert.equal(asked, 0)
  })

  it('a key of a type that is not known is no unknown host', async () => {
    const server = await startSshd({ keys: ['rsa'] })
    try {
      const file = join(server.dir, 'known')
      await writeFile(file, `[127.0.0.1]:${server.port} ${await publicKey('other')}\n`)
      const host = server.host({ knownHosts: [file], trust: async () => true })
      await assert.rejects(host.ends(), { code: 'E_HOST_KEY', message: /a key of a type that is not known/ })
    } finally {
      await server.stop()
    }
  })

  it('a revoked key is refused even where it is known', async () => {
    const key = await publicKey('host_ed25519')
    const error = await attempt(`${here()} ${key}\n@revoked * ${key}\n`)
    assert.equal(error?.code, 'E_HOST_KEY')
    assert.match(error.message, /revoked \(\S+:2\)/)
    assert.match(suggestions(error), /console of r730: rm \/etc\/ssh\/ssh_host_ed25519_key .*ssh-keygen -A/)
  })

  it('a key that the operator accepts is added and known from then on', async () => {
    const file = join(sshd.dir, 'accepted', 'known_hosts')
    const asked: UnknownKey[] = []
    const trust = async (key: UnknownKey) => {
      asked.push(key)
      return true
    }
    for (const _ of [1, 2]) {
      const host = sshd.host({ knownHosts: [file], trust })
      await host.ends()
      await host.close()
    }
    assert.equal(asked.length, 1)
    assert.deepEqual(
      { ...asked[0], fingerprint: '' },
      { name: 'r730', host: '127.0.0.1', port: sshd.port, type: 'ssh-ed25519', fingerprint: '' },
    )
    assert.equal(await readFile(file, 'utf8'), `${here()} ${await publicKey('host_ed25519')}\n`)
  })

  it('a key that the operator does not accept is refused and not added', async () => {
    const file = join(sshd.dir, 'refused')
    await assert.rejects(sshd.host({ knownHosts: [file], trust: async () => false }).ends(), { code: 'E_HOST_KEY' })
    await assert.rejects(readFile(file), { code: 'ENOENT' })
  })

  it('a key that is known under another address of the host is known', async () => {
    const known = `[localhost]:${sshd.port} ${await publicKey('host_ed25519')}\n`
    assert.equal(await attempt(known, { addresses: ['127.0.0.1', 'localhost'] }), undefined)
  })

  it('HostKeyAlias of the SSH configuration is the name', async () => {
    const config = join(sshd.dir, 'ssh_config')
    await appendFile(config, 'Host r730\n  HostKeyAlias the-box\n')
    assert.equal(await attempt(`the-box ${await publicKey('host_ed25519')}\n`, { config }), undefined)
    assert.equal((await attempt(`other ${await publicKey('host_ed25519')}\n`, { config }))?.code, 'E_HOST_KEY')
  })

  it('a key that changes within a run: refused on the next connection, the open one goes on', async () => {
    const [kept, now, next] = ['old', 'host_ed25519', 'next'].map((name) => join(sshd.dir, name)) as [
      string,
      string,
      string,
    ]
    const host = sshd.host()
    await host.ends()
    await makeKey(next, 'ed25519')
    await copyFile(now, kept)
    try {
      await copyFile(next, now)
      await sshd.reload()
      await assert.rejects(host.fresh({ timeoutMs: 10_000 }), {
        code: 'E_HOST_KEY',
        message: /another key than the known/,
      })
      await host.run(['true'])
    } finally {
      await copyFile(kept, now)
      await sshd.reload()
    }
  })
})
