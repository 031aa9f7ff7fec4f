// The condition of a node: the program under a real shell with programs of our own, and what is made of its lines.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { WATCHDOG_FILE } from '../../../src/parts/keeper/watchdog.ts'
import { leftTopics } from '../../../src/parts/node/left.ts'
import { parseLook } from '../../../src/parts/node/look.ts'
import { template } from '../../../src/render.ts'

const PROGRAM = template<object>('node/look')({})
const QUORUM = `Quorum information
------------------
Nodes:            3
Quorate:          Yes

Votequorum information
----------------------
Expected votes:   3
Highest expected: 3
Total votes:      2
Quorum:           2
Flags:            Quorate
`
const HA = `quorum OK
master van-1 (active, Sun Nov 22 02:01:13 2026)
lrm van-1 (idle, Sun Nov 22 02:01:10 2026)
service vm:100 (van-1, started)
`

describe('parts/node/look', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'orion-node-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  /** Runs the program on a machine with these files and programs, and no others. */
  function look(files: Record<string, string>, programs: Record<string, string>): string {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const bin = join(root, 'programs')
    mkdirSync(bin)
    for (const [name, text] of Object.entries({ timedatectl: 'exit 1', zpool: 'exit 1', ...programs })) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    const env = { PATH: `${bin}:/usr/bin:/bin` }
    return execFileSync('/bin/dash', ['-c', PROGRAM, 'orion-node-look', root], { env, encoding: 'utf8' })
  }
  const tell = (text: string) => `cat <<'E'\n${text}E`

  it('tells all of a node of a cluster', () => {
    const text = look(
      {
        'boot/vmlinuz-6.8.12-4-pve': '',
        'boot/vmlinuz-6.14.8-2-pve': '',
        'run/reboot-required': '',
        'run/reboot-required.pkgs': 'libc6\nlibc6\ndbus\n',
        'etc/network/interfaces.new': '',
        'etc/pve/corosync.conf': '',
      },
      {
        timedatectl: 'echo NTPSynchronized=yes',
        uname: 'echo 6.8.12-4-pve',
        'systemd-detect-virt': 'exit 1',
        zpool: tell('rpool\tONLINE\ntank\tDEGRADED\n'),
        'corosync-quorumtool': `${tell(QUORUM)}\nexit 1`,
        'ha-manager': tell(HA),
      },
    )
    const seen = parseLook(text)
    assert.ok(seen)
    const { kernel, restart, staged, ...rest } = seen
    assert.deepEqual([kernel?.running, kernel?.next], ['6.8.12-4-pve', '6.14.8-2-pve'])
    assert.deepEqual(restart?.packages, ['dbus', 'libc6'])
    for (const { since = '' } of [kernel ?? {}, restart ?? {}, staged ?? {}])
      assert.ok(Math.abs(Date.parse(since) - Date.now()) < 600_000, since)
    assert.deepEqual(rest, {
      isInStep: true,
      pools: [
        { name: 'rpool', health: 'ONLINE' },
        { name: 'tank', health: 'DEGRADED' },
      ],
      votes: { expected: 3, total: 2, needed: 2, isQuorate: true },
      managed: [
        { kind: 'lrm', name: 'van-1', text: 'idle, Sun Nov 22 02:01:10 2026' },
        { kind: 'service', name: 'vm:100', text: 'van-1, started' },
      ],
    })
  })

  it('a pinned kernel is the next one', () => {
    const files = { 'boot/vmlinuz-6.14.8-2-pve': '', 'etc/kernel/proxmox-boot-pin': '6.8.12-4-pve\n' }
    const programs = { uname: 'echo 6.8.12-4-pve', 'systemd-detect-virt': 'exit 1' }
    const { kernel } = parseLook(look(files, programs)) ?? {}
    assert.deepEqual(kernel, { running: '6.8.12-4-pve', next: '6.8.12-4-pve' })
  })

  it('a machine that says nothing has nothing wrong', () => {
    const text = look({ 'boot/vmlinuz-6.14.8-2-pve': '' }, { 'systemd-detect-virt': 'exit 0' })
    assert.deepEqual(parseLook(text), { pools: [], managed: [] })
  })

  it('half an answer is none, and no text breaks it', () => {
    assert.equal(parseLook('clock yes\n'), undefined)
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        assert.ok(parseLook([...lines, 'end'].join('\n')))
      }),
      { numRuns: 100 },
    )
  })
})

describe('parts/node/left', () => {
  const KEEPER = '/usr/local/sbin/orion-keeper'
  it('is what is there and wanted by nobody', () => {
    const files = new Set([KEEPER, '/etc/sysctl.d/90-orion.conf'])
    assert.deepEqual(
      leftTopics('n1', new Set(['file-set:n1/sysctl', 'file-set:n2/keeper']), files).map(({ title }) => title),
      ['the Keeper'],
    )
    const dog = leftTopics('n1', new Set(['file-set:n1/keeper']), new Set([KEEPER, WATCHDOG_FILE]))
    assert.deepEqual(dog, [{ title: 'a watchdog that systemd feeds', undo: 'orion keeper apply --node n1' }])
    assert.deepEqual(leftTopics('n1', new Set(), new Set()), [])
  })
})
