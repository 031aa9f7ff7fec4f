// The guard program on a real host: whatever is killed, restarted or asked for, the files end as they were, or as confirmed.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Change } from '../../src/host/guard.ts'
import { parseAnswers, parseStates } from '../../src/host/guard-answer.ts'
import { getProgram, packChange } from '../../src/host/guard-pack.ts'
import { script } from '../../src/host/script.ts'
import type { Ran } from '../hosts/inside.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { needs } from '../setup.ts'

const GUARD = '/usr/local/sbin/orion-guard'
const CRASH = readFileSync(fileURLToPath(new URL('guard-crash.sh', import.meta.url)), 'utf8')
const HOSTILE = ["it's", 'a b', 'x$(touch evil)', 'back\\slash', '-dash', 'ünï', '"quoted"; #', '*']

/** Files of every kind that a change can meet: content, mode, owner, links. */
const MAKE = `rm -rf /etc/guarded; mkdir -p /etc/guarded/sub; cd /etc/guarded
printf 'old\\n' >plain; printf 'secret\\0old' >secret; chmod 600 secret; chown daemon:mail secret; touch -d '2001-02-03 04:05:06.789' secret
ln -s plain link; ln -s nowhere dangling; printf 'goes\\n' >goes; chmod 640 goes; printf 'x' >sub/kept`
const FILES: Change['files'] = [
  { path: '/etc/guarded/plain', text: 'new\n' },
  { path: '/etc/guarded/secret', text: 'new secret\n', mode: 0o640 },
  { path: '/etc/guarded/link', text: 'a file now\n' },
  { path: '/etc/guarded/dangling', text: undefined },
  { path: '/etc/guarded/goes', text: undefined },
  { path: '/etc/guarded/new/folder/file', text: 'new\n', mode: 0o755 },
]
const LOOK = `cd /etc/guarded && find . ! -type d -printf '%p %y %m %u %g %T@ %l\\n' | sort && find . -type d -printf '%p %m\\n' | sort && find . -type f -exec sha256sum {} + | sort`

const change = (part: Partial<Change> = {}): Change => ({
  name: 'guarded',
  files: FILES,
  check: [],
  activate: [['true']],
  confirmWithinSeconds: 60,
  ...part,
})

let host: TestHost
let count = 0

const sh = (command: string): Promise<string> => host.must(['sh', '-c', command])
const look = (): Promise<string> => sh(LOOK)
const guard = (...argv: string[]): Promise<Ran> => host.exec([GUARD, ...argv])
const stateOf = async (id: string) => parseStates((await guard('states')).stdout).find((state) => state.id === id)

/** Brings a change to the host; returns its id. */
async function stage(part: Partial<Change> = {}): Promise<string> {
  count += 1
  const id = `test-${count}`
  const input = await packChange(change(part), 'me@here (test)')
  assert.deepEqual(await host.exec(['sh', '-c', await script('stage'), 'orion-stage', id], { input }), {
    code: 0,
    stdout: 'staged\n',
    stderr: '',
  })
  return id
}

/** Staged, armed, swapped and activated. */
async function activate(part: Partial<Change> = {}): Promise<string> {
  const id = await stage(part)
  const { code, stdout, stderr } = await guard('start', id)
  assert.equal(code, 0, stdout + stderr)
  assert.match((await guard('follow', id)).stdout, /^state active /)
  return id
}

async function refusal(id: string): Promise<string> {
  const { code, stdout } = await guard('start', id)
  const answer = parseAnswers(stdout).at(-1)
  assert.equal(code, 4, stdout)
  assert.equal(answer?.kind, 'refused')
  return answer?.kind === 'refused' ? answer.reason : ''
}

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
  before(async function () {
    await withHosts(this)
    host = await startHost({ name: 'castle' })
  })
  after(() => host?.stop())
  beforeEach(() => sh(MAKE))

  it('makes a change that stays once it is confirmed', async () => {
    const id = await activate()
    assert.deepEqual(await guard('confirm', id), { code: 0, stdout: 'confirmed\n', stderr: '' })
    assert.deepEqual(await guard('confirm', id), { code: 0, stdout: 'confirmed\n', stderr: '' })
    assert.equal(
      await sh('cd /etc/guarded; stat -c "%n %F %a %U" *; cat plain link new/folder/file'),
      'link regular file 644 root\nnew directory 755 root\nplain regular file 644 root\nsecret regular file 640 root\nsub directory 755 root\nnew\na file now\nnew\n',
    )
    assert.equal((await host.exec(['systemctl', 'is-active', `orion-guard-${id}.timer`])).stdout, 'inactive\n')
    const { code, stdout } = await guard('restore', id)
    assert.match(`${code} ${stdout}`, /^1 state confirmed /)
  })

  it('puts everything back when the time is over', async () => {
    const before = await look()
    const id = await activate({ confirmWithinSeconds: 1 })
    await host.must([
      'sh',
      '-c',
      'for i in $(seq 100); do [ -e "$0/is-restored" ] && exit; sleep 0.1; done; exit 1',
      `/var/lib/orion/guard/${id}`,
    ])
    assert.equal(await look(), before)
    assert.equal((await stateOf(id))?.reason, 'not confirmed')
    assert.equal((await guard('confirm', id)).code, 4)
  })

  for (const [name, part, reason] of [
    ['a checker that fails', { check: [['true'], ['sh', '-c', 'echo no good >&2; exit 3']] }, /ended with 3: no good/],
    ['a warning where it counts', { strict: true, check: [['sh', '-c', 'echo hm >&2']] }, /warns: hm/],
    ['a checker that is not there', { check: [['no-such-checker']] }, /ended with 127/],
    ['a folder in the place of a file', { files: [{ path: '/etc/guarded/sub', text: 'x' }] }, /is a folder/],
  ] as const)
    it(`touches nothing for ${name}`, async () => {
      const before = await look()
      const id = await stage(part)
      assert.match(await refusal(id), reason)
      assert.equal(await look(), before)
      assert.equal((await stateOf(id))?.state, 'refused')
    })

  it('shows the checkers the new files in their places, and nobody else', async () => {
    const before = await look()
    const shown = 'cd /etc/guarded; cat plain link new/folder/file; ls; stat -c %a secret; cat sub/kept; exit 9'
    const reason = await refusal(await stage({ check: [['sh', '-c', shown]] }))
    assert.match(reason, /ended with 9: new\na file now\nnew\nlink\nnew\nplain\nsecret\nsub\n640\nx$/)
    assert.equal(await look(), before)
    assert.equal(await sh('mount | grep -c "guarded\\|orion-guard" || true'), '0\n')
  })

  for (const [name, part] of [
    ['an activation that fails', { activate: [['true'], ['sh', '-c', 'echo broken; exit 5']] }],
    ['a file that cannot be written', { files: [...FILES, { path: '/etc/guarded/plain/below', text: 'x' }] }],
  ] as const)
    it(`puts everything back at once after ${name}`, async () => {
      const before = await look()
      const id = await stage(part)
      await guard('start', id)
      const { code, stdout } = await guard('follow', id)
      assert.match(`${code} ${stdout}`, /^4 state (restored|refused) /)
      assert.equal(await look(), before)
    })

  it('is not held up by an activation that hangs', async () => {
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

  it('carries names and contents verbatim, and leaves a daemon of an activation running', async () => {
    const files = HOSTILE.map((name) => ({ path: `/etc/guarded/${name}`, text: `${name}\n$(id) \`id\` \${x}\r\n` }))
    const id = await activate({ files, activate: [['sh', '-c', 'sleep 31 & echo $! >/run/daemon']] })
    for (const { path, text } of files) assert.equal(await host.must(['cat', path]), text)
    await sh('sleep 0.3; kill $(cat /run/daemon)')
    assert.deepEqual(
      (await stateOf(id))?.files,
      files.map(({ path }) => path),
    )
    assert.equal((await guard('restore', id)).code, 0)
    assert.equal(await sh('ls -a /etc/guarded'), '.\n..\ndangling\ngoes\nlink\nplain\nsecret\nsub\n')
  })

  it('lets one in at a time, and says who and until when', async () => {
    const id = await activate()
    const other = await stage()
    const { code, stdout } = await guard('start', other)
    assert.equal(code, 75)
    const [answer] = parseAnswers(stdout)
    assert.ok(answer?.kind === 'busy' && answer.by === 'me@here (test)' && Number(answer.leftSeconds) > 30, stdout)
    assert.equal(await stateOf(other), undefined)
    await guard('restore', id)
  })

  it('puts a change back whose timer never came, before it begins another', async () => {
    const before = await look()
    const lost = await activate()
    await sh(`systemctl stop orion-guard-${lost}.timer`)
    const id = await activate({ files: [{ path: '/etc/guarded/other', text: 'x' }] })
    assert.equal((await stateOf(lost))?.state, 'restored')
    await guard('restore', id)
    assert.equal(await look(), before)
  })

  for (const [name, restart] of [
    ['restarted', () => host.reboot()],
    [
      'without power',
      async () => {
        await host.powerFail()
        await host.reachable()
      },
    ],
  ] as const)
    it(`puts everything back when the host is ${name} before the confirmation`, async () => {
      const before = await look()
      const id = await activate()
      await restart()
      assert.equal(await look(), before)
      assert.match((await stateOf(id))?.reason ?? '', /^restarted/)
    })

  it('undoes a confirmed change, guarded as well, also at the console', async () => {
    const before = await look()
    const id = await activate()
    assert.equal((await host.exec([GUARD, 'stage-undo', id, 'too-early', '60'], { input: 'me\n' })).code, 66)
    await guard('confirm', id)
    const { stdout } = await host.exec([GUARD, 'undo', id], { input: '\n' })
    assert.match(stdout, /confirmed\n$/)
    assert.equal((await look()).replace(/^\.\/new.*\n/gm, ''), before)
    assert.match((await guard('list')).stdout, /-undo {2}confirmed .* guarded {2}root@castle \(orion-guard undo\)\n/)
    assert.match(
      (await guard('show', id)).stdout,
      /removed {2}\/etc\/guarded\/goes\n[\s\S]*new {6}\/etc\/guarded\/new\/folder\/file/,
    )
  })

  it('keeps the last ten', async () => {
    const old = await activate()
    await guard('confirm', old)
    await sh(`cd /var/lib/orion/guard; for i in $(seq 12); do cp -a ${old} old-$i; echo $i >old-$i/at; done`)
    const id = await activate()
    await guard('confirm', id)
    const states = parseStates((await guard('states')).stdout)
    assert.equal(states.length, 10)
    assert.equal(states[0]?.id, id)
    assert.equal(await sh('ls -A /var/lib/orion/guard | wc -l'), '10\n')
  })

  it('leaves nothing behind where the disk is full or the stream is cut', async () => {
    const tar = await packChange(change({ files: [{ path: '/etc/guarded/big', text: 'x'.repeat(500_000) }] }), 'me')
    const staged = await script('stage')
    const before = await sh('ls -A /var/lib/orion/guard')
    await sh('mount -t tmpfs -o size=200k tmpfs /var/lib/orion')
    const full = await host.exec(['sh', '-c', staged, 'orion-stage', 'full'], { input: tar })
    const left = await sh('ls -A /var/lib/orion/guard; umount /var/lib/orion')
    assert.match(`${full.code} ${full.stderr}`, /^[12] [\s\S]*No space left/)
    assert.equal(left, '')
    for (const end of [100, 600, 20_480, tar.length - 2048]) {
      const cut = await host.exec(['sh', '-c', staged, 'orion-stage', 'cut'], { input: tar.subarray(0, end) })
      assert.ok(cut.code > 0 && cut.stderr !== '', `${end}: ${cut.code}`)
    }
    assert.equal(await sh('ls -A /var/lib/orion/guard'), before)
  })

  it('puts files back on a full disk', async () => {
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

  for (const [phase, step] of [
    ['swap', '1'],
    ['put-back', '1'],
    // The same steps as put-back's.
    ['boot', '6'],
  ] as const)
    it(`may be killed before any step (${phase})`, async () => {
      const template = await stage()
      const { stdout, stderr } = await host.exec(['bash', '-c', CRASH, 'crash', template, phase, step])
      await sh('rm -f /usr/local/sbin/systemd-run /usr/local/sbin/sleep /usr/local/sbin/systemctl')
      const [, points] = /^(\d+) points\n$/.exec(stdout) ?? assert.fail(stdout + stderr)
      assert.ok(Number(points) > 20, stdout)
    })
})
