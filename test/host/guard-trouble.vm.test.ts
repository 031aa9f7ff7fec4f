// The guard program when something goes wrong on the host: the files end as they were.
import assert from 'node:assert/strict'
import { parseAnswers } from '../../src/host/guard-answer.ts'
import { packChange } from '../../src/host/guard-pack.ts'
import { script } from '../../src/host/script.ts'
import { within } from '../hosts/inside.ts'
import {
  activate,
  change,
  ended,
  FILES,
  GUARD,
  guard,
  host,
  look,
  onGuardedHosts,
  sh,
  stage,
  stateOf,
} from './guarded-host.ts'

describe('the guard program in trouble', function () {
  this.timeout(120_000)
  const story = onGuardedHosts(3)

  for (const [name, part] of [
    ['an activation that fails', { activate: [['true'], ['sh', '-c', 'echo broken; exit 5']] }],
    ['a file that cannot be written', { files: [...FILES, { path: '/etc/guarded/plain/below', text: 'x' }] }],
  ] as const)
    story(`puts everything back at once after ${name}`, async () => {
      const before = await look()
      const id = await stage(part)
      await guard('start', id)
      const { code, stdout } = await guard('follow', id)
      assert.match(`${code} ${stdout}`, /^4 state (restored|refused) /)
      assert.equal(await look(), before)
    })

  story('is not held up by an activation that hangs', async () => {
    const before = await look()
    const hang = ['sh', '-c', 'grep -q new /etc/guarded/plain && sleep 50; true']
    const id = await stage({ activate: [hang] })
    await guard('start', id)
    await sh('until grep -q new /etc/guarded/plain; do sleep 0.05; done')
    const began = performance.now()
    const { code, stdout } = await guard('restore', id, 'took too long')
    assert.ok(performance.now() - began < 25_000, 'it waited for the activation')
    assert.match(`${code} ${stdout}`, /^0 state restored /)
    assert.equal(await look(), before)
    assert.match((await stateOf(id))?.reason ?? '', /^took too long/)
  })

  story(
    'is not held up by it when the time is over, and says so; until then it is at work, for as long as the change has',
    async () => {
      const before = await look()
      const hang = ['sh', '-c', 'grep -q new /etc/guarded/plain || exit 0; pgrep -a timeout >/run/limits; sleep 50']
      const id = await stage({ activate: [hang], confirmWithinSeconds: 5 })
      await guard('start', id)
      const { code, stdout } = await guard('follow', id, '1')
      assert.match(`${code} ${stdout}`, /^1 state working /)
      await ended(id)
      assert.equal((await stateOf(id))?.reason, 'its programs were not over in time')
      assert.equal(await look(), before)
      assert.match(await sh('cat /run/limits'), /timeout -k 5 60 sh/)
      const slow = await activate({
        activate: [['sh', '-c', 'pgrep -a timeout >/run/limits']],
        confirmWithinSeconds: 240,
      })
      assert.match(await sh('cat /run/limits'), /timeout -k 5 240 sh/)
      await guard('restore', slow)
    },
  )

  story('puts a change back whose timer never came, before it begins another', async () => {
    const before = await look()
    const lost = await activate()
    await sh(`systemctl stop orion-guard-${lost}.timer`)
    const id = await activate({ files: [{ path: '/etc/guarded/other', text: 'x' }] })
    assert.equal((await stateOf(lost))?.state, 'restored')
    await guard('restore', id)
    assert.equal(await look(), before)
  })

  for (const [name, restart] of [
    ['restarted', () => host().reboot()],
    [
      'without power',
      async () => {
        await host().powerFail()
        await host().reachable()
      },
    ],
  ] as const)
    story(`puts everything back when the host is ${name} before the confirmation`, async () => {
      const before = await look()
      const id = await activate()
      await restart()
      assert.equal(await look(), before)
      assert.match((await stateOf(id))?.reason ?? '', /^restarted/)
    })

  story('leaves nothing behind where the disk is full or the stream is cut', async () => {
    const tar = await packChange(change({ files: [{ path: '/etc/guarded/big', text: 'x'.repeat(500_000) }] }), 'me')
    const staged = await script('stage')
    const before = await sh('ls -A /var/lib/orion/guard')
    await sh('mount -t tmpfs -o size=200k tmpfs /var/lib/orion')
    const full = await host().exec(['sh', '-c', staged, 'orion-stage', 'full'], { input: tar })
    const left = await sh('ls -A /var/lib/orion/guard; umount /var/lib/orion')
    assert.match(`${full.code} ${full.stderr}`, /^[12] [\s\S]*No space left/)
    assert.equal(left, '')
    for (const end of [100, 600, 20_480, tar.length - 2048]) {
      const cut = await host().exec(['sh', '-c', staged, 'orion-stage', 'cut'], { input: tar.subarray(0, end) })
      assert.ok(cut.code > 0 && cut.stderr !== '', `${end}: ${cut.code}`)
    }
    assert.equal(await sh('ls -A /var/lib/orion/guard'), before)
  })

  story('puts files back on a full disk', async () => {
    await sh(
      'mount -t tmpfs -o size=400k tmpfs /var/lib/orion; mount -t tmpfs -o size=400k tmpfs /etc/guarded; head -c 200000 /dev/urandom >/etc/guarded/big',
    )
    const before = await look()
    const id = await activate({ files: [{ path: '/etc/guarded/big', text: 'small\n' }] })
    await sh('cat /dev/zero >/var/lib/orion/fill 2>/dev/null || true')
    const { code, stdout } = await guard('restore', id)
    const after = await look()
    await sh('umount /var/lib/orion /etc/guarded')
    assert.match(`${code} ${stdout}`, /^0 state restored /)
    assert.equal(after, before)
  })

  story('tries again and again where the files cannot be written for a while', async () => {
    const before = await look()
    const id = await activate({ confirmWithinSeconds: 5 })
    await sh('mount --bind /etc/guarded /etc/guarded && mount -o remount,bind,ro /etc/guarded')
    await within(30_000, 'a first try', async () => /could not be put back/.test((await stateOf(id))?.reason ?? ''))
    const meanwhile = await stateOf(id)
    await sh('umount /etc/guarded')
    assert.equal(meanwhile?.state, 'armed')
    await ended(id)
    assert.equal(await look(), before)
    assert.equal((await stateOf(id))?.reason, 'not confirmed')
  })

  story('puts back what it can where one file cannot be, and says which', async () => {
    const before = await look()
    const id = await activate({ activate: [['sh', '-c', 'cp /etc/guarded/secret /run/activated']] })
    // Nothing is renamed over a mount point.
    await sh('mount --bind /etc/hostname /etc/guarded/plain')
    const first = await guard('restore', id)
    await sh(
      'umount /etc/guarded/plain; cmp /run/activated /etc/guarded/secret; ls -l /etc/guarded/link | grep -q plain',
    )
    assert.match(`${first.code} ${first.stdout}`, /^1 state armed /)
    assert.match(
      (await stateOf(id))?.reason ?? '',
      /^asked for\nthen these could not be put back: \/etc\/guarded\/plain$/,
    )
    assert.equal((await guard('restore', id)).code, 0)
    assert.equal(await look(), before)
  })

  story('counts the time that is left past a clock that is set meanwhile', async () => {
    const id = await activate()
    await sh(
      'printf \'#!/bin/sh\nexec /usr/bin/date -d "2 hours" "$@"\n\' >/usr/local/sbin/date; chmod 755 /usr/local/sbin/date',
    )
    const [answer] = parseAnswers((await guard('follow', id)).stdout)
    await sh('rm /usr/local/sbin/date')
    assert.ok(answer?.kind === 'state' && Number(answer.leftSeconds) > 40, JSON.stringify(answer))
    await guard('restore', id)
  })

  for (const [what, hide, reason] of [
    [
      'flock',
      'mount --bind /etc/hostname /usr/bin/flock && mount -o remount,bind,noexec /usr/bin/flock',
      'flock, which is not there',
    ],
    ['systemd', 'mount -t tmpfs none /run/systemd', 'systemd as the init system'],
  ])
    story(`says so, and brings nothing, where ${what} is missing`, async () => {
      const input = await packChange(change(), 'me')
      const hidden = ['unshare', '-m', 'sh', '-c', `${hide} && exec sh -c "$@"`, 'hide']
      const before = await sh('ls -A /var/lib/orion/guard')
      const ran = await host().exec([...hidden, await script('stage'), 'orion-stage', 'bare'], { input })
      assert.deepEqual(ran, { code: 1, stdout: '', stderr: `the guard needs ${reason}\n` })
      assert.equal(await sh('ls -A /var/lib/orion/guard'), before)
    })

  story('is installed whole, however many bring it at once', async () => {
    const whole = await sh('sha256sum </usr/local/sbin/orion-guard; echo older >>/usr/local/sbin/orion-guard')
    await Promise.all(Array.from({ length: 6 }, () => stage()))
    assert.equal(
      await sh('sha256sum </usr/local/sbin/orion-guard; ls -A /usr/local/sbin | grep orion'),
      `${whole}orion-guard\n`,
    )
  })

  story('may be replaced by a newer one while a change is armed', async () => {
    const before = await look()
    const id = await stage({ activate: [['sleep', '0.5']] })
    await sh(`sed -i "2i # an older one, of another length" ${GUARD}`)
    assert.equal((await guard('start', id)).code, 0)
    await stage()
    assert.equal(await sh(`sed -n '/an older one/p' ${GUARD}`), '')
    assert.match((await guard('follow', id)).stdout, /^state active /)
    assert.equal((await guard('restore', id)).code, 0)
    assert.equal(await look(), before)
  })

  story('has one outcome where the confirmation and the end of the time meet', async () => {
    for (let round = 0; round < 6; round += 1) {
      const before = await look()
      const id = await activate()
      const both = `(sleep 0.0${2 * (round % 4)}; /usr/local/sbin/orion-guard put-back ${id}) & sleep 0.03; /usr/local/sbin/orion-guard confirm ${id}; code=$?; wait; echo $code`
      const told = await sh(both)
      const state = (await stateOf(id))?.state
      assert.match(told, state === 'confirmed' ? /^confirmed\n0\n$/ : /^state restored .*\n4\n$/)
      assert.equal((await look()) === before, state === 'restored')
      await sh('rm -rf /etc/guarded/new')
    }
  })
})
