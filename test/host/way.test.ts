// The way to a host: what the options and the SSH configuration make of it.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, needsSshd, type Sshd, startSshd } from './sshd.ts'

const PROXY = `${process.execPath} -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s).pipe(process.stdout)"`

describe('ways to a host', () => {
  let near: Sshd
  let far: Sshd
  let known: string
  before(async function () {
    await needsSshd(this)
    near = await startSshd()
    far = await startSshd()
    // One key for both, and both known.
    await writeFile(join(near.dir, 'authorized_keys'), await readFile(join(far.dir, 'id.pub')))
    known = join(far.dir, 'both')
    await writeFile(
      known,
      (await readFile(join(far.dir, 'known_hosts'), 'utf8')) + (await readFile(join(near.dir, 'known_hosts'), 'utf8')),
    )
  })
  after(async () => {
    await near?.stop()
    await far?.stop()
  })
  const jump = () => `${near.options().user}@127.0.0.1:${near.port}`

  it('ProxyJump through a second server', async () => {
    const host = far.host({ proxyJump: jump(), knownHosts: [known] })
    assert.equal((await host.run(['echo', 'far'])).stdout, 'far\n')
    await near.cut()
    await assert.rejects(host.run(['sleep', '5']), { code: 'E_HOST_LOST' })
    assert.equal((await host.run(['echo', 'again'])).stdout, 'again\n')
    await host.close()
  })

  it('a chain of jumps', async () => {
    const host = far.host({ proxyJump: `${jump()},${far.options().user}@localhost:${far.port}`, knownHosts: [known] })
    await assert.rejects(host.ends(), { code: 'E_HOST_KEY', message: /localhost/ })
    await writeFile(
      known,
      (await readFile(known, 'utf8')).replace(/^\[127.0.0.1\]:(\d+)/gm, '[127.0.0.1]:$1,[localhost]:$1'),
    )
    await far.host({ proxyJump: `${jump()},${far.options().user}@localhost:${far.port}`, knownHosts: [known] }).ends()
  })

  it('the key of a jump is checked as well', async () => {
    await assert.rejects(far.host({ proxyJump: jump() }).ends(), {
      code: 'E_HOST_KEY',
      message: new RegExp(`^r730, through the jump host ${jump()}: 127\\.0\\.0\\.1 \\(\\[127`),
    })
  })

  it('a jump host that wants no key of ours, or is not there, is the one that is named', async () => {
    const identityFile = join(near.dir, 'id')
    await assert.rejects(far.host({ identityFile, proxyJump: jump(), knownHosts: [known] }).ends(), {
      code: 'E_HOST_AUTH',
      message: new RegExp(`^r730, through the jump host ${jump()}: .* accepts no key of ours`),
    })
    const closed = `ops@127.0.0.1:${await freePort()}`
    await assert.rejects(far.host({ proxyJump: `${closed},${jump()}`, knownHosts: [known] }).ends(), {
      code: 'E_HOST_UNREACHABLE',
      message: new RegExp(`^r730 .*: through the jump host ${closed}: connect ECONNREFUSED`),
    })
  })

  it('jumps of the SSH configuration, and none for the jump itself', async () => {
    const config = join(far.dir, 'jump_config')
    const user = near.options().user
    await writeFile(
      config,
      `Host *\n  ProxyJump bastion\nHost bastion\n  HostName 127.0.0.1\n  Port ${near.port}\n  User ${user}\n`,
    )
    await far.host({ config, knownHosts: [known] }).ends()
    await assert.rejects(far.host({ config }).ends(), { code: 'E_HOST_KEY' })
    await far.host({ config, proxyJump: 'none' }).ends()
  })

  it('ProxyCommand: its stdin and stdout are the connection', async () => {
    const host = far.host({ proxyCommand: PROXY })
    assert.equal((await host.run(['echo', 'through'])).stdout, 'through\n')
    const config = join(far.dir, 'command_config')
    await writeFile(config, `Host r730\n  ProxyCommand ${PROXY}\n`)
    await far.host({ config }).ends()
  })

  it('what a ProxyCommand has started ends with the connection', async () => {
    const [script, file] = [join(far.dir, 'proxy.sh'), join(far.dir, 'proxy.pid')]
    const proxy = PROXY.replace('%p', '$2').replace('%h', '$1')
    await writeFile(script, `sleep 4711 >/dev/null 2>&1 & echo $! >${file}; ${proxy}\n`)
    const host = far.host({ proxyCommand: `sh ${script} %h %p` })
    await host.ends()
    const pid = (await readFile(file, 'utf8')).trim()
    const runs = async () => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('4711')
    assert.ok(await runs())
    await host.close()
    for (let tries = 0; tries < 100 && (await runs()); tries += 1) await sleep(50)
    assert.equal(await runs(), false)
  })

  it('a ProxyCommand that fails says why', async () => {
    const host = far.host({ proxyCommand: 'sh -c "echo no way >&2; exit 3"' })
    await assert.rejects(host.ends(), { code: 'E_HOST_UNREACHABLE', message: /no way|closed|lost/ })
  })

  it('a guest through the connection of its node', async () => {
    const node = near.host({ name: 'node', identityFile: join(far.dir, 'id') })
    const guest = far.host({ name: 'guest', via: async () => node })
    assert.equal((await guest.run(['echo', 'guest'])).stdout, 'guest\n')
    const files = await guest.read({ files: ['/etc/passwd'] })
    assert.equal(files.files.get('/etc/passwd')?.text, await readFile('/etc/passwd', 'utf8'))
    const fresh = await guest.fresh({ timeoutMs: 10_000 })
    await fresh.close()
    await guest.close()
    const port = await freePort()
    const none = far.host({ name: 'none', port, via: async () => node })
    await assert.rejects(none.ends(), { code: 'E_HOST_UNREACHABLE', message: /through node: / })
    assert.equal((await node.run(['echo', 'node'])).stdout, 'node\n')
  })

  it('the next address where one does not answer, and all of them in the error', async () => {
    const port = await freePort()
    await far.host({ addresses: ['127.0.0.2', '127.0.0.1'] }).ends()
    const none = far.host({ port, addresses: ['127.0.0.1', 'name.invalid'] })
    await assert.rejects(none.ends(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'E_HOST_UNREACHABLE')
      assert.match(
        error.message,
        /^r730 cannot be reached over SSH \(127\.0\.0\.1 port \d+: .*ECONNREFUSED.*; name\.invalid port \d+: /,
      )
      return true
    })
  })

  describe('something that is no SSH server', () => {
    let server: Server
    let port: number
    afterEach(() => server.close())
    const listen = async (greeting: string | undefined) => {
      server = createServer((socket) => {
        socket.on('error', () => {})
        if (greeting === undefined) return
        socket.end(greeting)
      })
      port = await new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          const address = server.address()
          resolve(typeof address === 'object' && address ? address.port : 0)
        })
      })
    }

    it('says something else', async () => {
      await listen('HTTP/1.1 400 Bad Request\r\n\r\n')
      await assert.rejects(far.host({ port }).ends(), { code: 'E_HOST_UNREACHABLE' })
    })

    it('says nothing: fresh has a limit', async () => {
      await listen(undefined)
      await assert.rejects(far.host({ port }).fresh({ timeoutMs: 600 }), { code: 'E_HOST_UNREACHABLE' })
    })
  })
})
