// The guard program on a real host: changes are checked, made, confirmed, put back, undone and remembered.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseAnswers, parseStates } from '../../src/host/guard-answer.ts'
import { getProgram, packChange } from '../../src/host/guard-pack.ts'
import { script } from '../../src/host/script.ts'
import { needs } from '../setup.ts'
import {
  activate,
  change,
  ended,
  GUARD,
  guard,
  host,
  look,
  onGuardedHosts,
  refusal,
  sh,
  stage,
  stateOf,
} from './guarded-host.ts'

const HOSTILE = ["it's", 'a b', 'x$(touch evil)', 'back\\slash', '-dash', 'ünï', '"quoted"; #', '*']

describe('the guard program, as text', () => {
  it('is clean for shellcheck, in its parts and as it is installed', async function () {
    const run = promisify(execFile)
    await needs(this, ['shellcheck'])
    const folder = mkdtempSync(join(tmpdir(), 'orion-shellcheck-'))
    try {
      const installed = join(folder, 'orion-guard')
      writeFileSync(installed, await getProgram())
      const scripts = fileURLToPath(new URL('../../src/host/scripts/', import.meta.url))
      const ours = readdirSync(scripts).filter((name) => /guard|stage/.test(name))
      await run('shellcheck', ['-s', 'sh', installed, ...ours.map((name) => join(scripts, name))])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the guard program on a host', function () {
  this.timeout(60_000)
  const story = onGuardedHosts(3)

  story('makes a change that stays once it is confirmed', async () => {
    const id = await activate()
    assert.deepEqual(await guard('confirm', id), { code: 0, stdout: 'confirmed\n', stderr: '' })
    assert.deepEqual(await guard('confirm', id), { code: 0, stdout: 'confirmed\n', stderr: '' })
    assert.equal(
      await sh('cd /etc/guarded; stat -c "%n %F %a %U" *; cat plain link new/folder/file'),
      'link regular file 644 root\nnew directory 755 root\nplain regular file 644 root\nsecret regular file 640 root\nsub directory 755 root\nnew\na file now\nnew\n',
    )
    assert.equal((await host().exec(['systemctl', 'is-active', `orion-guard-${id}.timer`])).stdout, 'inactive\n')
    const { code, stdout } = await guard('restore', id)
    assert.match(`${code} ${stdout}`, /^1 state confirmed /)
  })

  story('puts everything back when the time is over', async () => {
    const before = await look()
    const id = await activate({ confirmWithinSeconds: 1 })
    await ended(id)
    assert.equal(await look(), before)
    assert.equal((await stateOf(id))?.reason, 'not confirmed')
    assert.equal((await guard('confirm', id)).code, 4)
  })

  story(
    'gives a file the group that is asked for, keeps it when put back, and touches nothing for one that is not there',
    async () => {
      const before = await look()
      const file = { path: '/etc/guarded/secret', text: 'x\n', mode: 0o640, group: 'mail' }
      const id = await activate({ files: [file] })
      assert.equal(await sh('stat -c "%a %U %G" /etc/guarded/secret'), '640 root mail\n')
      await guard('restore', id)
      assert.equal(await look(), before)
      const input = await packChange(change({ files: [{ ...file, group: 'no-such' }] }), 'me')
      const staged = await host().exec(['sh', '-c', await script('stage'), 'orion-stage', 'no-group'], { input })
      assert.deepEqual(staged, { code: 1, stdout: '', stderr: 'there is no group no-such\n' })
      assert.equal(await sh('ls -A /var/lib/orion/guard'), `${id}\n`)
    },
  )

  story('tells a program whether the files come or go back', async () => {
    const tell = [['sh', '-c', 'echo "$ORION_GUARD" >>/run/told']]
    const id = await activate({ check: tell, activate: tell })
    await guard('restore', id)
    assert.equal(await sh('cat /run/told; rm /run/told'), 'check\nswap\nput-back\n')
  })

  for (const [name, part, reason] of [
    [
      'a checker that fails',
      { check: [['true'], ['cat', "it's"]] },
      /^cat it's ended with 1: cat: "?it's"?: No such file/,
    ],
    [
      'a program text that fails',
      { check: [['sh', '-c', 'echo bad >&2\nexit 3', 'it-is', 'me']] },
      /^it-is ended with 3: bad$/,
    ],
    ['a warning where it counts', { strict: true, check: [['sh', '-c', 'echo hm >&2']] }, /^sh warns: hm$/],
    ['a checker that is not there', { check: [['no-such-checker']] }, /^no-such-checker ended with 127/],
    ['a folder in the place of a file', { files: [{ path: '/etc/guarded/sub', text: 'x' }] }, /is a folder/],
  ] as const)
    story(`touches nothing for ${name}`, async () => {
      const before = await look()
      const id = await stage(part)
      assert.match(await refusal(id), reason)
      assert.equal(await look(), before)
      assert.equal((await stateOf(id))?.state, 'refused')
    })

  story('shows the checkers the new files in their places, and nobody else', async () => {
    const before = await look()
    const shown = 'cd /etc/guarded; cat plain link new/folder/file; ls; stat -c %a secret; cat sub/kept; exit 9'
    const reason = await refusal(await stage({ check: [['sh', '-c', shown]] }))
    assert.match(reason, /ended with 9: new\na file now\nnew\nlink\nnew\nplain\nsecret\nsub\n640\nx$/)
    assert.equal(await look(), before)
    assert.equal(await sh('mount | grep -c "guarded\\|orion-guard" || true'), '0\n')
  })

  story('carries names and contents verbatim, and leaves a daemon of an activation running', async () => {
    const files = HOSTILE.map((name) => ({ path: `/etc/guarded/${name}`, text: `${name}\n$(id) \`id\` \${x}\r\n` }))
    const id = await activate({ files, activate: [['sh', '-c', 'sleep 31 & echo $! >/run/daemon']] })
    for (const { path, text } of files) assert.equal(await host().must(['cat', path]), text)
    await sh('sleep 0.3; kill $(cat /run/daemon)')
    assert.deepEqual(
      (await stateOf(id))?.files,
      files.map(({ path }) => path),
    )
    assert.equal((await guard('restore', id)).code, 0)
    assert.equal(await sh('ls -a /etc/guarded'), '.\n..\ndangling\ngoes\nlink\nplain\nsecret\nsub\n')
  })

  story('lets one in at a time, and says who and until when', async () => {
    const id = await activate()
    const other = await stage()
    const { code, stdout } = await guard('start', other)
    assert.equal(code, 75)
    const [answer] = parseAnswers(stdout)
    assert.ok(answer?.kind === 'busy' && answer.by === 'me@here (test)' && Number(answer.leftSeconds) > 30, stdout)
    assert.equal(await stateOf(other), undefined)
    await guard('restore', id)
  })

  story('undoes a confirmed change, guarded as well, also at the console', async () => {
    const before = await look()
    const id = await activate()
    assert.equal((await host().exec([GUARD, 'stage-undo', id, 'too-early', '60'], { input: 'me\n' })).code, 66)
    await guard('confirm', id)
    await sh('echo by hand >>/etc/guarded/plain')
    const { stdout } = await host().exec([GUARD, 'undo', id], { input: '\n' })
    assert.match(stdout, /confirmed\n$/)
    assert.deepEqual(stdout.match(/^Changed since.*$/gm), ['Changed since then, which is lost: /etc/guarded/plain'])
    assert.equal((await look()).replace(/^\.\/new.*\n/gm, ''), before)
    assert.match((await guard('list')).stdout, /-undo {2}confirmed .* guarded {2}root@castle\d \(orion-guard undo\)\n/)
    assert.match(
      (await guard('show', id)).stdout,
      /removed {2}\/etc\/guarded\/goes\n[\s\S]*new {6}\/etc\/guarded\/new\/folder\/file/,
    )
  })

  story('keeps the last ten confirmed changes, and the last ten others', async () => {
    const old = await activate()
    await guard('confirm', old)
    await sh(`cd /var/lib/orion/guard; for i in $(seq 12); do cp -a ${old} old-$i; echo $i >old-$i/at; done`)
    await sh(
      'cd /var/lib/orion/guard; for i in $(seq 12); do cp -a old-$i bad-$i; mv bad-$i/is-confirmed bad-$i/is-refused; done',
    )
    const id = await activate()
    await guard('confirm', id)
    const states = parseStates((await guard('states')).stdout)
    assert.equal(states.length, 20)
    assert.equal(states.filter(({ state }) => state === 'confirmed').length, 10)
    assert.equal(states[0]?.id, id)
    assert.equal(await sh('ls -A /var/lib/orion/guard | wc -l'), '20\n')
  })

  story('keeps the last ten confirmed changes whatever a rotation drains and a join weighs', async () => {
    const old = await activate()
    await guard('confirm', old)
    await sh(
      `cd /var/lib/orion/guard; for i in $(seq 24); do cp -a ${old} drain-$i; echo mesh-drain >drain-$i/name; done; echo mesh-weight >drain-1/name`,
    )
    const id = await activate()
    await guard('confirm', id)
    const states = parseStates((await guard('states')).stdout)
    assert.equal(states.filter(({ name }) => /^mesh-(drain|weight)$/.test(name)).length, 10)
    assert.ok(states.some((one) => one.id === id) && states.some((one) => one.id === old))
    await sh('rm -r /var/lib/orion/guard/drain-*')
  })

  story('keeps what no start of the host has had, as long as orion-reboot may have to put it back', async () => {
    const old = await activate()
    await guard('confirm', old)
    await sh(
      `cd /var/lib/orion/guard; for i in $(seq 14); do cp -a ${old} old-$i; echo $i >old-$i/at; done; echo gpu | tee old-1/name >old-2/name; mkdir -p ../reboot; echo old-1 >../reboot/known`,
    )
    await guard('confirm', await activate())
    const ids = parseStates((await guard('states')).stdout).flatMap(({ id, state }) =>
      state === 'confirmed' ? id : [],
    )
    assert.deepEqual([ids.length, ids.includes('old-1'), ids.includes('old-2')], [11, false, true])
    await sh('echo old-2 >>/var/lib/orion/reboot/known')
    await guard('confirm', await activate())
    assert.equal(await sh('ls /var/lib/orion/guard/*/is-confirmed | wc -l; rm -r /var/lib/orion/reboot'), '10\n')
  })
})
