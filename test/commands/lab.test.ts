// orion lab in the foreground: it says how to reach it, other clients can, and Ctrl-C ends it.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { needs } from '../setup.ts'
import { BIN, newOperator } from './orion.ts'
import { siteFile } from './rehearsal.ts'

describe('orion lab', function () {
  this.timeout(60_000)

  it('prints address, fingerprint and token; orion and curl use it; SIGINT ends it', async function () {
    await needs(this, ['curl'])
    const operator = newOperator()
    const dir = join(operator.home, 'lab')
    const site = siteFile('orion')
    const lab = spawn(
      process.execPath,
      [BIN, 'lab', '--pve', '8', '--pace', '0', '--lab-dir', dir, '--site', site, '--json'],
      {
        env: { ...process.env, HOME: operator.home, XDG_STATE_HOME: operator.home },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    try {
      let text = ''
      for await (const chunk of lab.stdout) {
        text += chunk
        if (text.trimEnd().endsWith('\n}')) break
      }
      const access = JSON.parse(text)
      assert.equal(access.pid, lab.pid)
      const { host, port, token } = access.clusters.orion
      const answer = execFileSync('curl', [
        ...['--silent', '--fail', '--cacert', join(dir, 'certificate.pem')],
        ...[
          '--header',
          `Authorization: PVEAPIToken=${token.id}=${token.secret}`,
          `https://${host}:${port}/api2/json/version`,
        ],
      ])
      assert.match(JSON.parse(String(answer)).data.version, /^8\./)
      const plan = await operator.run([
        'bootstrap',
        '--yes',
        '--json',
        '--only',
        'redis',
        '--site',
        site,
        '--lab-dir',
        dir,
      ])
      assert.equal(plan.exit, 0, plan.err + plan.out)
      lab.kill('SIGINT')
      const [code] = await once(lab, 'exit')
      assert.equal(code, 0)
    } finally {
      lab.kill('SIGKILL')
      operator.leave()
    }
  })

  it('tells how to look inside its hosts, in commands that can be typed', async function () {
    await needs(this, ['sshd'])
    const operator = newOperator()
    const args = [BIN, 'lab', '--lab-dir', join(operator.home, 'my lab'), '--site', siteFile('orion')]
    const lab = spawn(process.execPath, args, {
      env: { ...process.env, HOME: operator.home, XDG_STATE_HOME: operator.home },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      let text = ''
      for await (const chunk of lab.stdout) {
        text += chunk
        if (text.includes('Ctrl-C ends the lab')) break
      }
      const [, command = ''] = /^r730 +(ssh .*)$/m.exec(text) ?? []
      const ask = (words: string) => spawnSync('sh', ['-c', `${command} ${words}`], { encoding: 'utf8' })
      assert.match(ask('cat /etc/network/interfaces').stdout, /^iface vmbr0 inet static$/m)
      const unknown = ask('ls /etc')
      assert.equal(unknown.status, 127)
      assert.match(
        unknown.stderr,
        /^sh: 1: ls: not found\nThis host is simulated by orion lab, and has only: .*\bpvesh\b/m,
      )
      assert.match(ask('').stdout, /simulated by orion lab and has no shell/)
      assert.match(ask("'cat /etc/hosts | head'").stderr, /one command at a time/)
    } finally {
      lab.kill('SIGKILL')
      operator.leave()
    }
  })
})
