// orion lab in the foreground: it says how to reach it, other clients can, and Ctrl-C ends it.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
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
})
