// Who orion is to a host: keys, agents and passphrases over real connections.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OrionError } from '../../src/errors.ts'
import type { HostOptions } from '../../src/host/connect.ts'
import { isRoot, makeKey, needsSshd, type Sshd, startSshd } from './sshd.ts'

const exec = promisify(execFile)
const SECRET = 'correct horse'

describe('authentication', () => {
  let sshd: Sshd
  let agent: { socket: string; add(file: string): Promise<void>; stop(): void }
  before(async function () {
    await needsSshd(this)
    sshd = await startSshd({ config: 'MaxAuthTries 3' })
    for (const name of ['wrong', 'wrong2', 'wrong3', 'wrong4']) await makeKey(join(sshd.dir, name), 'ed25519')
    for (const type of ['ed25519', 'rsa', 'ecdsa']) await makeKey(join(sshd.dir, `locked_${type}`), type, SECRET)
    await makeKey(join(sshd.dir, 'pem'), 'rsa')
    await exec('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-P', '', '-N', SECRET, '-f', join(sshd.dir, 'pem')])
    const accepted = await Promise.all(
      ['id', 'locked_ed25519', 'locked_rsa', 'locked_ecdsa', 'pem'].map((name) =>
        readFile(join(sshd.dir, `${name}.pub`), 'utf8'),
      ),
    )
    await writeFile(join(sshd.dir, 'authorized_keys'), accepted.join(''))
    agent = await startAgent(join(sshd.dir, 'agent'))
  })
  after(async () => {
    agent?.stop()
    await sshd?.stop()
  })

  async function startAgent(socket: string) {
    const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    return {
      socket,
      add: async (file: string) => {
        await exec('ssh-add', ['-q', join(sshd.dir, file)], { env })
      },
      stop: () => void child.kill(),
    }
  }

  async function login(more: Partial<HostOptions>): Promise<void> {
    const host = sshd.host(more)
    await host.ends().finally(() => host.close())
  }
  const failure = async (work: Promise<void>): Promise<OrionError> => {
    const error = await work.then(() => undefined).catch((reason: unknown) => reason)
    assert.ok(error instanceof OrionError, String(error))
    return error
  }
  const file = (name: string) => join(sshd.dir, name)

  it('a wrong key is refused; the error names the user, the file, and no key material', async () => {
    const text = await readFile(file('wrong'), 'utf8')
    await assert.rejects(login({ identityFile: file('wrong') }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'E_HOST_AUTH')
      assert.match(error.message, /accepts no key of ours for \S+; offered: \S+\/wrong$/)
      for (const line of text.split('\n').filter((part) => part.length > 20)) assert.ok(!error.message.includes(line))
      return true
    })
  })

  it('no key at all, and a file that is not there', async () => {
    await assert.rejects(login({ identityFile: undefined }), { code: 'E_HOST_AUTH', message: /no key to offer/ })
    await assert.rejects(login({ identityFile: file('none') }), {
      code: 'E_HOST_AUTH',
      message: /ours for \S+; not offered: \S+none \(no such file\)$/,
      suggestions: [
        `${file('none')}: no such file; name a private key (nodes.r730.ssh.identityFile in the site file, or IdentityFile in the SSH configuration)`,
      ],
    })
  })

  it('the public half instead of the key', async () => {
    const error = await failure(login({ identityFile: file('id.pub'), place: 'guests.web.ssh' }))
    assert.match(error.message, /id\.pub \(a public key\)/)
    assert.ok(error.suggestions[0]?.startsWith(`name its private half: ${file('id')} (guests.web.ssh.identityFile`))
    assert.equal(error.suggestions.length, 1)
  })

  it('a file that is no key is said', async () => {
    await assert.rejects(login({ identityFile: file('sshd_config') }), {
      message: /not a private key that orion can read/,
    })
  })

  for (const type of ['ed25519', 'rsa', 'ecdsa'])
    it(`an encrypted ${type} key: the passphrase is asked for once in the process`, async () => {
      const asked: string[] = []
      const passphrase = async (path: string) => {
        asked.push(path)
        return SECRET
      }
      const identityFile = file(`locked_${type}`)
      await Promise.all([login({ identityFile, passphrase }), login({ identityFile, passphrase })])
      await login({ identityFile, passphrase })
      assert.deepEqual(asked, [identityFile])
    })

  it('an encrypted key in the old form', async () => {
    await login({ identityFile: file('pem'), passphrase: async () => SECRET })
  })

  it('nobody is asked for the passphrase of a key that the server does not want', async () => {
    await makeKey(file('stranger'), 'ed25519', SECRET)
    const passphrase = async () => assert.fail('asked')
    await assert.rejects(login({ identityFile: file('stranger'), passphrase }), { code: 'E_HOST_AUTH' })
  })

  it('a wrong passphrase, or none, is said and is not kept', async () => {
    await copyFile(file('locked_ed25519'), file('again'))
    const identityFile = file('again')
    const advice = `its passphrase: nodes.r730.ssh.passphrase in the site file, or ssh-add ${identityFile}`
    const wrong = await failure(login({ identityFile, passphrase: async () => 'nope-nope' }))
    assert.match(wrong.message, /ours for \S+; not offered: \S+again \(encrypted; wrong passphrase\)$/)
    assert.ok(!wrong.message.includes('nope-nope'))
    assert.deepEqual(wrong.suggestions, [advice])
    const none = await failure(login({ identityFile, passphrase: async () => undefined }))
    assert.match(none.message, /ours for \S+; not offered: \S+again \(encrypted; no passphrase\)$/)
    assert.deepEqual(none.suggestions, [advice])
    const nobody = await failure(login({ identityFile }))
    assert.match(nobody.message, /not offered: \S+again \(encrypted; no passphrase\)$/)
    const passphrase = async (_: string, attempt: number) => ['nope', 'nope', SECRET][attempt - 1]
    await login({ identityFile, passphrase })
  })

  it('a passphrase that cannot be had: the error names its reference', async () => {
    await copyFile(file('locked_ed25519'), file('unset'))
    const passphrase = async () => {
      const suggestions = ['export KP=…']
      throw new OrionError('The environment variable KP is not set', { code: 'E_SECRET', suggestions })
    }
    const error = await failure(login({ identityFile: file('unset'), passphrase }))
    assert.match(error.message, /unset \(encrypted; no passphrase: The environment variable KP is not set\)$/)
    assert.equal(error.suggestions[0], 'export KP=…')
  })

  it('keys of a real agent', async () => {
    await assert.rejects(login({ identityFile: undefined, agent: agent.socket }), { code: 'E_HOST_AUTH' })
    await agent.add('id')
    await login({ identityFile: undefined, agent: agent.socket })
  })

  it('the named key first, where the agent has more keys than the server lets us try', async () => {
    const full = await startAgent(file('full'))
    try {
      const env = { ...process.env, SSH_AUTH_SOCK: full.socket }
      for (const name of ['wrong', 'wrong2', 'wrong3', 'wrong4', 'id'])
        await exec('ssh-add', ['-q', file(name)], { env })
      await assert.rejects(login({ identityFile: undefined, agent: full.socket }), {
        code: 'E_HOST_AUTH',
        message: /too many keys/,
      })
      await login({ agent: full.socket })
      const config = file('only')
      await writeFile(config, `IdentitiesOnly yes\nIdentityFile ${file('id')}\nIdentityAgent ${full.socket}\n`)
      await login({ identityFile: undefined, agent: undefined, config })
    } finally {
      full.stop()
    }
  })

  it('an agent that is not there is said', async () => {
    await assert.rejects(login({ identityFile: undefined, agent: file('no-agent') }), {
      message: /the agent's keys \(/,
    })
  })

  it('a user that the server does not let in', async function () {
    if (!isRoot) this.skip()
    await assert.rejects(login({ user: 'nobody-here' }), { code: 'E_HOST_AUTH', message: /for nobody-here/ })
  })
})
