// Channels of one connection: how many at once, and what is left of them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../../src/errors.ts'
import { needsSshd, type Settings, type Sshd, startSshd } from './sshd.ts'

describe('servers that are unlike others', () => {
  let sshd: Sshd | undefined
  before(async function () {
    await needsSshd(this)
  })
  afterEach(async () => {
    await sshd?.stop()
    sshd = undefined
  })

  const start = async (settings: Settings): Promise<Sshd> => {
    sshd = await startSshd(settings)
    return sshd
  }
  const failure = async (work: Promise<unknown>): Promise<OrionError> =>
    await work.then(
      () => assert.fail('it should have failed'),
      (error) => {
        assert.ok(error instanceof OrionError, String(error))
        return error
      },
    )

  for (const sessions of [1, 2])
    it(`MaxSessions ${sessions}: programs wait for each other, however long they take`, async () => {
      const host = (await start({ config: `MaxSessions ${sessions}` })).host()
      const runs = Array.from({ length: sessions + 2 }, async () => await host.run(['sleep', '2']))
      await Promise.all(runs)
    }).timeout(60_000)

  it('MaxSessions 0 is said', async () => {
    const error = await failure((await start({ config: 'MaxSessions 0' })).host().run(['true']))
    assert.equal(error.code, 'E_HOST_COMMAND')
    assert.match(error.message, /opens no session/)
    assert.match(error.suggestions.join(), /MaxSessions/)
  }).timeout(20_000)

  it('keys that are exchanged anew while a program speaks', async () => {
    const server = await start({ config: 'RekeyLimit 1M' })
    let asked = 0
    const trust = async () => {
      asked += 1
      await sleep(20)
      return true
    }
    const host = server.host({ knownHosts: [join(server.dir, 'new')], trust })
    const { stdout } = await host.run(['sh', '-c', 'head -c 50000000 /dev/zero | tr "\\0" x'])
    assert.equal(stdout.length, 50_000_000)
    assert.equal(asked, 1)
  }).timeout(60_000)

  it('a program that says more than we hold is not listened to; the connection lives on', async () => {
    const host = (await start({})).host()
    const error = await failure(host.run(['yes']))
    assert.equal(error.code, 'E_HOST_COMMAND')
    assert.match(error.message, /yes said more than 64 MiB/)
    assert.equal((await host.run(['printf', 'a\\377b'])).stdout, 'a\uFFFDb')
  }).timeout(60_000)

  it('a server that stands still: E_HOST_LOST soon, and its socket does not keep us', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    const server = await start({})
    const [host, other] = [server.host(), server.host()]
    await Promise.all([host.ends(), other.ends()])
    const running = failure(host.run(['sleep', '30']))
    await sleep(200)
    await server.hang()
    await other.close()
    const began = Date.now()
    assert.equal((await running).code, 'E_HOST_LOST')
    assert.ok(Date.now() - began < 35_000)
    await host.close()
    for (let tries = 0; tries < 60 && sockets() > before; tries += 1) await sleep(50)
    assert.ok(sockets() <= before)
  }).timeout(60_000)

  it('a server with algorithms that we do not have: what to change', async () => {
    const config = 'KexAlgorithms sntrup761x25519-sha512@openssh.com'
    const error = await failure((await start({ config })).host().ends())
    assert.equal(error.code, 'E_HOST_UNREACHABLE')
    assert.match(error.message, /no matching key exchange/)
    assert.match(error.suggestions.join(), /KexAlgorithms \+curve25519-sha256/)
  })

  it('a shell that greets: the ends are right, a read says what is wrong', async () => {
    const config = `ForceCommand sh -c 'echo Welcome to this host; eval "$SSH_ORIGINAL_COMMAND"'`
    const host = (await start({ config })).host()
    assert.deepEqual(await host.ends(), { client: '127.0.0.1', server: '127.0.0.1' })
    const error = await failure(host.read({ files: ['/etc/passwd'] }))
    assert.equal(error.code, 'E_HOST_COMMAND')
    assert.match(error.suggestions.join(), /\.bashrc/)
  })
})
