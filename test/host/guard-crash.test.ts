// The guard program killed before each of its steps: putting back ends well from there.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { host, onGuardedHosts, sh, stage } from './guarded-host.ts'

const CRASH = readFileSync(fileURLToPath(new URL('guard-crash.sh', import.meta.url)), 'utf8')

describe('the guard program, killed', function () {
  this.timeout(180_000)
  const story = onGuardedHosts(2)

  for (const [phase, step] of [
    ['swap', '1'],
    ['put-back', '1'],
    // The same steps as put-back's.
    ['boot', '6'],
  ] as const)
    story(`may be killed before any step (${phase})`, async () => {
      const template = await stage()
      const { stdout, stderr } = await host().exec(['bash', '-c', CRASH, 'crash', template, phase, step])
      await sh('rm -f /usr/local/sbin/systemd-run /usr/local/sbin/sleep /usr/local/sbin/systemctl')
      const [, points] = /^(\d+) points\n$/.exec(stdout) ?? assert.fail(stdout + stderr)
      assert.ok(Number(points) > 20, stdout)
    })
})
