// Programs on a host, over a real connection.
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { OrionError } from '../../src/errors.ts'
import type { Command } from '../../src/host/channel.ts'
import { timedOut } from '../../src/host/failure.ts'
import type { Link } from '../../src/host/link.ts'
import { getEnds } from '../../src/host/machine.ts'
import { isRoot, needsSshd, type Sshd, startSshd } from './sshd.ts'

describe('programs on a host', () => {
  let sshd: Sshd
  before(async function () {
    await needsSshd(this)
    sshd = await startSshd({ config: 'MaxSessions 10' })
  })
  after(async () => await sshd?.stop())

  const failure = async (work: Promise<unknown>): Promise<OrionError> =>
    await work.then(
      () => assert.fail('it should have failed'),
      (error) => error,
    )

  it('arguments arrive as they are, whatever they hold', async () => {
    const host = sshd.host()
    const words = fc.array(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      { maxLength: 6 },
    )
    const script = 'printf "%s\\0" "$@"'
    await fc.assert(
      fc.asyncProperty(words, async (argv) => {
        const { stdout } = await host.run(['sh', '-c', script, 'sh', ...argv, 'END'])
        assert.deepEqual(stdout.split('\0').slice(0, -1), [...argv, 'END'])
      }),
      { numRuns: 8 },
    )
  })

  it('input, output, exit codes', async () => {
    const host = sshd.host()
    const big = 'x'.repeat(3_000_000)
    assert.equal((await host.run(['cat'], { input: big })).stdout, big)
    assert.equal((await host.run(['head', '-c', '1'], { input: big })).stdout, 'x')
    const both = await host.run(['sh', '-c', 'echo out; echo err >&2; exit 3'], { accept: [0, 3] })
    assert.deepEqual(both, { code: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  it('a failure names program, code and the tail of stderr, and neither arguments nor secrets', async () => {
    const host = sshd.host({ name: 'r730' })
    const script = 'for i in 1 2 3 4 5 6 7; do echo "line $i hunter2 $(cat)" >&2; done; exit 9'
    const options = { secrets: ['hunter2'], input: 'another-secret' }
    const error = await failure(host.run(['bash', '-c', script, 'argument'], options))
    assert.equal(error.code, 'E_HOST_COMMAND')
    assert.match(error.message, /^r730: bash ended with code 9\n {2}line 3 \*\*\*/)
    assert.doesNotMatch(error.message, /hunter2|another-secret|argument|line 2/)
    const known = await failure(host.run(['/usr/bin/git', 'no-such-command', '--token=abc']))
    assert.match(known.message, /git no-such-command/)
    assert.doesNotMatch(known.message, /abc/)
  })

  it('a program that is not there', async () => {
    const error = await failure(sshd.host().run(['no-such-program', 'x']))
    assert.equal(error.code, 'E_HOST_COMMAND')
    assert.match(error.message, /no-such-program x is not there/)
    assert.equal((await sshd.host().run(['no-such-program'], { accept: [127] })).code, 127)
  })

  it('the host ends a program at its limit', async () => {
    const host = sshd.host()
    const marker = `31.${process.pid}`
    const error = await failure(host.run(['sleep', marker], { timeoutMs: 300 }))
    assert.equal(error.code, 'E_HOST_TIMEOUT')
    assert.match(error.message, /sleep was not over after 0\.3 s/)
    const left = await host.run(['sh', '-c', 'ps -eo args | grep -c "^sleep $1"', 'sh', marker], { accept: [0, 1] })
    assert.equal(left.stdout.trim(), '0')
    assert.equal((await host.run(['sh', '-c', 'exit 124'], { accept: [124] })).code, 124)
  })

  it('thirty at once, where the server allows ten', async () => {
    const host = sshd.host()
    const runs = Array.from(
      { length: 30 },
      async (_, index) => await host.run(['sh', '-c', `sleep 0.05; echo ${index}`]),
    )
    const said = (await Promise.all(runs)).map(({ stdout }) => Number(stdout))
    assert.deepEqual(
      said,
      Array.from({ length: 30 }, (_, index) => index),
    )
  })

  it('a lost connection: the running program is E_HOST_LOST, the next call connects anew, a read is done again', async () => {
    const host = sshd.host()
    await host.ends()
    const running = failure(host.run(['sleep', '20']))
    await sleep(200)
    await sshd.cut()
    const error = await running
    assert.equal(error.code, 'E_HOST_LOST')
    assert.equal(error.recheck, true)
    assert.equal((await host.run(['echo', 'back'])).stdout, 'back\n')
    const flag = join(sshd.dir, 'flag')
    const reading = host.read({
      commands: { slow: ['sh', '-c', 'test -e "$1" || { : > "$1"; sleep 10; }; echo done', 'sh', flag] },
    })
    await host.run(['sh', '-c', 'while ! test -e "$1"; do sleep 0.05; done', 'sh', flag])
    await sshd.cut()
    assert.equal((await reading).commands.get('slow')?.stdout, 'done\n')
  })

  it('Ctrl-C ends what waits, connecting included; later calls too', async () => {
    const stop = new AbortController()
    const host = sshd.host({ signal: stop.signal })
    await host.ends()
    const running = failure(host.run(['sleep', '20']))
    setTimeout(() => stop.abort(), 100)
    assert.equal((await running).code, 'E_INTERRUPTED')
    assert.equal((await failure(host.run(['true']))).code, 'E_INTERRUPTED')
    const unopened = sshd.host({ signal: AbortSignal.abort() })
    assert.equal((await failure(unopened.read({ files: ['/etc/hosts'] }))).code, 'E_INTERRUPTED')
  })

  it('the two ends, asked once per connection; fresh is another connection', async () => {
    const host = sshd.host()
    assert.deepEqual(await host.ends(), { client: '127.0.0.1', server: '127.0.0.1' })
    const port = async (of: typeof host) => (await of.run(['sh', '-c', 'echo $SSH_CONNECTION'])).stdout.split(' ')[1]
    const fresh = await host.fresh({ timeoutMs: 10_000 })
    if (isRoot) assert.notEqual(await port(fresh), await port(host))
    await fresh.close()
    await host.run(['true'])
  })

  it('a login shell that does not come to its end is named, after 15 s', async () => {
    const execute = async ({ title, limitMs }: Command) => Promise.reject(timedOut('r730', title, limitMs))
    const link = { hop: { user: 'ops' }, execute } as unknown as Link
    const line = { link: async () => link, close: async () => {} }
    const error = await failure(getEnds({ name: 'r730', line, signal: new AbortController().signal }))
    assert.match(error.message, /SSH_CONNECTION was not over after 15 s/)
    assert.match(error.suggestions.join(), /login shell\? See ~\/\.bashrc and ~\/\.profile of ops on r730/)
  })

  it('once: shared until forget, a failure is not kept', async () => {
    const host = sshd.host()
    let reads = 0
    const read = async () => ++reads
    assert.deepEqual(await Promise.all([host.once('a', read), host.once('a', read)]), [1, 1])
    host.forget()
    assert.equal(await host.once('a', read), 2)
    await assert.rejects(
      host.once('b', async () => Promise.reject(new Error('no'))),
      /no/,
    )
    assert.equal(await host.once('b', async () => 'yes'), 'yes')
  })

  it('after close nothing is opened any more', async () => {
    const host = sshd.host()
    await host.ends()
    await host.close()
    assert.equal((await failure(host.run(['true']))).code, 'E_INTERRUPTED')
  })

  describe('as another user', () => {
    let other: Sshd
    const sudo = (answer: string) => `#!/bin/sh\n${answer}\n`
    before(async function () {
      if (!isRoot) this.skip()
      // The only user beside root who can log in is one of a private /etc/passwd.
      const passwd = join(sshd.dir, 'passwd')
      await writeFile(
        passwd,
        'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\noperator:x:12345:12345::/:/bin/sh\n',
      )
      const within = ['unshare', '-m', 'sh', '-c', `mount --bind ${passwd} /etc/passwd && exec "$@"`, 'sh']
      const programs = {
        sudo: sudo(
          `[ -e "\${0%/*}/yes" ] || { echo 'sudo: a password is required' >&2; exit 1; }; shift 2; AS=root exec "$@"`,
        ),
      }
      other = await startSshd({ within, programs }).catch((error) => {
        process.stderr.write(`  skipped: ${error}\n`)
        return this.skip()
      })
    })
    after(async () => await other?.stop())

    it('sudo refuses: E_HOST_SUDO with what to do', async () => {
      const error = await failure(other.host({ user: 'operator' }).run(['id']))
      assert.equal(error.code, 'E_HOST_SUDO')
      assert.match(error.message, /operator is not root on r730.*sudo: a password is required/)
      assert.match(error.suggestions.join('\n'), /operator ALL=\(ALL:ALL\) NOPASSWD: ALL/)
    })

    it('no sudo at all is said', async () => {
      const program = join(other.dir, 'bin', 'sudo')
      const text = await readFile(program, 'utf8')
      await writeFile(program, '#!/bin/sh\nexit 127\n')
      const error = await failure(other.host({ user: 'operator' }).run(['id']))
      await writeFile(program, text)
      assert.equal(error.code, 'E_HOST_SUDO')
      assert.match(error.message, /and sudo is not installed on r730$/)
    })

    it('sudo agrees: programs go through it, and the ends do not', async () => {
      await mkdir(join(other.dir, 'bin', 'yes'))
      const host = other.host({ user: 'operator' })
      assert.equal((await host.run(['printenv', 'AS'])).stdout, 'root\n')
      const seen = await host.read({ files: ['/etc/hosts'], commands: { as: ['printenv', 'AS'] } })
      assert.equal(seen.commands.get('as')?.stdout, 'root\n')
      assert.deepEqual(await host.ends(), { client: '127.0.0.1', server: '127.0.0.1' })
      const error = await failure(host.run(['sh', '-c', 'echo "sudo: in my own words" >&2; exit 1']))
      assert.equal(error.code, 'E_HOST_COMMAND')
    })
  })
})
