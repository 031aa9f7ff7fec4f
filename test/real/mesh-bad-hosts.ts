// Hosts on which the mesh cannot be made as the site file says: an error names it before anything is changed anywhere.
import assert from 'node:assert/strict'
import type { MeshStage } from './mesh-stage.ts'

export function tellBadHosts(here: () => MeshStage): void {
  const planned = async () => {
    const { code, stdout, stderr } = await here().orion(['mesh', 'plan'])
    return { code, text: stdout + stderr }
  }

  it('a port of the mesh that is taken, and a clock that is minutes off: both named, nothing touched', async () => {
    const { hosts } = here()
    // As Proxmox VE's own fabric would: an interface that is not orion's, on van-1's port for sin-1.
    await hosts['van-1'].must(['sh', '-c', 'wireguard-go fabric0 >/dev/null 2>&1 && wg set fabric0 listen-port 51825'])
    const late = '#!/bin/sh\n[ "$*" = +%s ] || exec /usr/bin/date "$@"\necho $(($(/usr/bin/date +%s) - 300))\n'
    await hosts['fra-1'].must(['sh', '-c', 'cat >/usr/local/sbin/date; chmod 755 /usr/local/sbin/date'], {
      input: late,
    })
    try {
      const { stdout, stderr, code } = await here().orion(['mesh', 'apply', '--yes'])
      const text = stdout + stderr
      assert.equal(code, 4, text)
      assert.match(text, /van-1[\s\S]*51825/)
      assert.match(text, /fra-1[\s\S]*clock/)
      for (const host of Object.values(hosts))
        assert.notEqual((await host.exec(['test', '-e', '/etc/orion/mesh'])).code, 0, host.name)
    } finally {
      await hosts['van-1'].must(['ip', 'link', 'del', 'fabric0'])
      await hosts['fra-1'].must(['rm', '/usr/local/sbin/date'])
    }
  })

  it('a gateway that does not answer is named, and the others can be planned without it', async () => {
    const { hosts, orion } = here()
    // Refused at once; a pulled cable would be waited for.
    await hosts['sin-1'].must(['systemctl', 'stop', 'ssh'])
    try {
      const { code, text } = await planned()
      assert.equal(code, 1, text)
      assert.match(text, /sin-1/)
      const others = ['van-1', 'kel-1', 'fra-1', 'rey-1'].flatMap((name) => ['--gateway', name])
      const without = await orion(['mesh', 'plan', ...others])
      assert.equal(without.code, 3, without.stdout + without.stderr)
    } finally {
      await hosts['sin-1'].must(['systemctl', 'start', 'ssh'])
    }
  })
}
